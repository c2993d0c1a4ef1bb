import type { ServerRefusal } from './api-server.ts'
import type { TwilioReply } from './twilio.ts'
import type { StubbornWorld } from './world.ts'

/** How many requests at most: to the API server, and to Twilio. */
type Requests = readonly [kubernetes: number, twilio: number]

/** In the first ten minutes, and in the hour after them. */
export interface Bound {
  readonly tenMinutes: Requests
  readonly hour: Requests
}

/** Something that repeats for as long as the world does not yield. */
export interface Loop {
  /** What does not yield: a cell of the table. */
  readonly what: string
  /** Before the ten minutes: everything is as it should be. */
  readonly before?: (world: StubbornWorld) => Promise<void>
  /** From then on the world does not yield. */
  readonly begin: (world: StubbornWorld) => void
  readonly most: Bound
  /** Where people read of it, and the words that show it there. */
  readonly said: string
  readonly shows: RegExp
}

const WORDS = 'admission webhook "labels.example.com" denied the request: label team is missing'
const refusal = (status: number): ServerRefusal => ({ status, body: { kind: 'Status', message: WORDS } })
const POLICY: ServerRefusal = {
  status: 422,
  body: { kind: 'Status', reason: 'Invalid', message: WORDS, details: { causes: [{ message: WORDS }] } },
}
const DOWN: ServerRefusal = {
  status: 500,
  body: { kind: 'Status', reason: 'InternalError', message: 'failed calling webhook "labels.example.com"' },
}
const withSink = (world: StubbornWorld): Promise<void> => world.withSink()
const answering =
  (operation: string, answer: TwilioReply, then: (world: StubbornWorld) => void = (world) => world.apply()) =>
  (world: StubbornWorld): void => {
    world.twilio.answers = (asked) => (operation === '*' || asked === operation ? answer : undefined)
    then(world)
  }
const refusing =
  (
    why: ServerRefusal,
    labels: readonly string[],
    then: (world: StubbornWorld) => void = (world) => world.apply(),
  ) =>
  (world: StubbornWorld): void => {
    world.refuse(why, ...labels)
    then(world)
  }
const removing = (world: StubbornWorld): void => world.remove()
const error = (status: number, code: number): TwilioReply => ({
  status,
  body: { status, code, message: 'no' },
})

const OF_SINK = ['PATCH sinks']
const OF_STATUS = ['PATCH sinks/status']
const ALL_OF_SINK = [...OF_SINK, ...OF_STATUS]

const forEach = (statuses: readonly number[], loop: (status: number) => Loop): readonly Loop[] =>
  statuses.map(loop)

export const LOOPS: readonly Loop[] = [
  ...forEach([409, 422, 403], (status) => ({
    what: `a webhook refuses the journal of a create (${status})`,
    begin: refusing(refusal(status), OF_SINK),
    most: { tenMinutes: [40, 10], hour: [50, 30] },
    said: 'Ready, Reconciling: ProgressingWithRetry, event, log',
    shows: /Reconciling: ProgressingWithRetry: .*label team is missing/u,
  })),
  {
    what: 'an admission policy refuses the journal of a create (422)',
    begin: refusing(POLICY, OF_SINK),
    most: { tenMinutes: [30, 10], hour: [30, 30] },
    said: 'Ready, Reconciling: ProgressingWithRetry, event, log',
    shows: /Reconciling: ProgressingWithRetry: .*label team is missing/u,
  },
  {
    what: 'a webhook that has to admit the journal is down (500)',
    begin: refusing(DOWN, OF_SINK),
    most: { tenMinutes: [30, 10], hour: [30, 30] },
    said: 'Ready, Reconciling: ProgressingWithRetry, event, log',
    shows: /Reconciling: ProgressingWithRetry: .*failed calling webhook/u,
  },
  ...forEach([409, 422, 403, 500], (status) => ({
    what: `the API server refuses the status of a Sink (${status})`,
    begin: (world: StubbornWorld) => {
      world.twilio.answers = (asked) => (asked === 'CreateSink' ? error(400, 91000) : undefined)
      refusing(refusal(status), OF_STATUS)(world)
    },
    most: { tenMinutes: [50, 10], hour: [110, 40] },
    said: 'event, log',
    shows: /event WriteRefused: .*label team is missing/u,
  })),
  ...forEach([409, 422, 403, 500], (status) => ({
    what: `the API server refuses the record of a new sink (${status})`,
    begin: refusing(refusal(status), OF_STATUS),
    most: { tenMinutes: [90, 30], hour: [60, 50] },
    said: 'event, log',
    shows: /event WriteRefused: .*label team is missing/u,
  })),
  ...forEach([409, 422, 403, 500], (status) => ({
    what: `the API server refuses the removal of the finalizer (${status})`,
    before: withSink,
    begin: refusing(refusal(status), OF_SINK, removing),
    most: { tenMinutes: [60, 10], hour: [100, 40] },
    said: 'DeletionBlocked: WriteRefused, log',
    shows: /DeletionBlocked: WriteRefused: .*label team is missing/u,
  })),
  ...forEach([409, 403], (status) => ({
    what: `the API server refuses everything about a Sink that is being deleted (${status})`,
    before: withSink,
    begin: refusing(refusal(status), ALL_OF_SINK, removing),
    most: { tenMinutes: [90, 10], hour: [160, 40] },
    said: 'event, log',
    shows: /event WriteRefused: .*label team is missing/u,
  })),
  ...forEach([409, 422, 403, 500], (status) => ({
    what: `the API server refuses the finalizer and the status of a TwilioAccount (${status})`,
    begin: refusing(refusal(status), ['PATCH twilioaccounts', 'PATCH twilioaccounts/status'], (world) => {
      world.twilio.answers = () => error(401, 20003)
      world.apply()
    }),
    most: { tenMinutes: [80, 10], hour: [90, 20] },
    said: 'event, log',
    shows: /event WriteRefused: .*label team is missing/u,
  })),
  {
    what: 'the API server does not answer the journal of a create',
    begin: refusing('silence', OF_SINK),
    most: { tenMinutes: [30, 10], hour: [30, 30] },
    said: 'log',
    shows: /The API server did not take a request/u,
  },
  {
    what: 'the API server does not answer any write',
    begin: refusing('silence', ALL_OF_SINK),
    most: { tenMinutes: [40, 10], hour: [60, 30] },
    said: 'log',
    shows: /The API server did not take a request/u,
  },
  {
    what: 'somebody writes the object before each write of the operator',
    begin: (world) => {
      world.server.refuses = (label) => {
        const sink = world.sink()
        if (sink !== undefined && label.startsWith('PATCH sinks'))
          world.server.put('sinks', {
            ...sink,
            metadata: { ...sink.metadata, labels: { at: `${world.time.now()}` } },
          })
        return undefined
      }
      world.apply()
    },
    most: { tenMinutes: [70, 10], hour: [50, 30] },
    said: 'event WriteContested, log',
    shows: /event WriteContested: .*kubectl/u,
  },
  {
    what: 'somebody writes the TwilioAccount before each write of the operator',
    begin: (world) => {
      world.server.refuses = (label) => {
        const account = world.account()
        if (account !== undefined && label.startsWith('PATCH twilioaccounts'))
          world.server.put('twilioaccounts', {
            ...account,
            metadata: { ...account.metadata, labels: { at: `${world.time.now()}` } },
          })
        return undefined
      }
      world.apply()
    },
    most: { tenMinutes: [70, 10], hour: [50, 10] },
    said: 'event WriteContested, log',
    shows: /event WriteContested: .*kubectl/u,
  },
  {
    what: 'somebody writes another status after each of the operator',
    before: withSink,
    begin: (world) => {
      const spoil = (): void => {
        const sink = world.sink()
        if (sink === undefined) return
        const status = { ...(sink['status'] as object), conditions: [] }
        world.server.put('sinks', { ...sink, status }, 'rival')
      }
      world.server.afterWrite = (label) => {
        if (label === 'PATCH sinks/status') void world.time.pause(10).then(spoil)
      }
      spoil()
    },
    most: { tenMinutes: [20, 10], hour: [30, 30] },
    said: 'event WriteContested, log',
    shows: /event WriteContested: .*rival/u,
  },
  {
    what: 'a second installation, with another id, writes its own status',
    before: withSink,
    begin: (world) => world.startSecond(),
    most: { tenMinutes: [50, 10], hour: [100, 60] },
    said: 'event WriteContested, log of both',
    shows: /event WriteContested: .*team-b(?=[^]*event WriteContested: .*team-a)/u,
  },
  {
    what: 'somebody takes the finalizer away after each time that the operator has set it',
    before: withSink,
    begin: (world) => {
      const strip = (): void => {
        const sink = world.sink()
        if (sink === undefined) return
        world.server.put('sinks', { ...sink, metadata: { ...sink.metadata, finalizers: [] } }, 'rival')
      }
      world.server.afterWrite = (label) => {
        if (label === 'PATCH sinks') void world.time.pause(10).then(strip)
      }
      strip()
    },
    most: { tenMinutes: [20, 10], hour: [30, 30] },
    said: 'event WriteContested, log',
    shows: /event WriteContested: .*rival/u,
  },
  {
    what: 'Twilio answers each create with 503',
    begin: answering('CreateSink', { status: 503 }),
    most: { tenMinutes: [20, 20], hour: [30, 40] },
    said: 'Ready: CreateOutcomeUnknown, then RecreatedTooOften',
    shows: /Ready: RecreatedTooOften/u,
  },
  {
    what: 'Twilio does not answer any create',
    begin: answering('CreateSink', 'silence'),
    most: { tenMinutes: [20, 20], hour: [30, 40] },
    said: 'Ready: CreateOutcomeUnknown, then RecreatedTooOften',
    shows: /Ready: RecreatedTooOften/u,
  },
  {
    what: 'Twilio refuses the create (400)',
    begin: answering('CreateSink', error(400, 91000)),
    most: { tenMinutes: [10, 10], hour: [20, 40] },
    said: 'Ready: CreateRefused',
    shows: /Ready: CreateRefused/u,
  },
  {
    what: 'Twilio answers each create with 409',
    begin: answering('CreateSink', error(409, 20409)),
    most: { tenMinutes: [40, 20], hour: [50, 50] },
    said: 'Reconciling: ProgressingWithRetry',
    shows: /Reconciling: ProgressingWithRetry/u,
  },
  {
    what: 'somebody deletes the sink after each create',
    begin: (world) => {
      world.twilio.afterwards = (operation) => {
        if (operation === 'CreateSink') void world.time.pause(1_000).then(() => world.twilio.sinks.clear())
      }
      world.apply()
    },
    most: { tenMinutes: [30, 20], hour: [40, 50] },
    said: 'Ready, event ExternallyDeleted',
    shows: /Ready: /u,
  },
  {
    what: 'Twilio refuses each update for good (400)',
    before: withSink,
    begin: answering('UpdateSink', error(400, 91000), (world) => world.apply('Others')),
    most: { tenMinutes: [10, 20], hour: [20, 40] },
    said: 'Ready: UpdateRefused',
    shows: /Ready: UpdateRefused/u,
  },
  ...forEach([409, 503], (status) => ({
    what: `Twilio refuses each update (${status})`,
    before: withSink,
    begin: answering('UpdateSink', error(status, status === 409 ? 20409 : 20503), (world) =>
      world.apply('Others'),
    ),
    most: { tenMinutes: [10, 40], hour: [20, 60] },
    said: 'Reconciling: ProgressingWithRetry',
    shows: /Reconciling: ProgressingWithRetry/u,
  })),
  {
    what: 'somebody puts the description back after each update',
    before: withSink,
    begin: (world) => {
      world.twilio.afterwards = (operation) => {
        if (operation !== 'UpdateSink') return
        for (const sink of world.twilio.sinks.values())
          sink['description'] = String(sink['description']).replace('Others', 'Orders')
      }
      world.apply('Others')
    },
    most: { tenMinutes: [10, 20], hour: [30, 40] },
    said: 'Ready: UpdateNotSticking',
    shows: /Ready: /u,
  },
  {
    what: 'a subscription keeps the sink from being deleted (91007)',
    before: withSink,
    begin: answering('DeleteSink', error(409, 91007), removing),
    most: { tenMinutes: [140, 130], hour: [100, 90] },
    said: 'DeletionBlocked: SinkInUse',
    shows: /DeletionBlocked: SinkInUse/u,
  },
  ...forEach([400, 409, 503], (status) => ({
    what: `Twilio refuses each DELETE (${status})`,
    before: withSink,
    begin: answering(
      'DeleteSink',
      error(status, status === 400 ? 20422 : status === 409 ? 20409 : 20503),
      removing,
    ),
    most: { tenMinutes: [50, 60], hour: [60, 90] },
    said: 'Reconciling: ProgressingWithRetry',
    shows: /Reconciling: ProgressingWithRetry/u,
  })),
  {
    what: 'Twilio answers each DELETE with 204 and deletes nothing',
    before: withSink,
    begin: answering('DeleteSink', { status: 204 }, removing),
    most: { tenMinutes: [150, 100], hour: [210, 130] },
    said: 'Ready: Deleting',
    shows: /Deleting/u,
  },
  {
    what: 'Twilio answers everything with 429',
    before: withSink,
    begin: answering('*', { status: 429, retryAfter: '1' }, (world) => world.apply('Others')),
    most: { tenMinutes: [10, 90], hour: [20, 60] },
    said: 'Reconciling: ProgressingWithRetry',
    shows: /Reconciling: ProgressingWithRetry/u,
  },
  ...forEach([401, 403], (status) => ({
    what: `Twilio refuses everything (${status})`,
    before: withSink,
    begin: answering('*', { status }, (world) => world.apply('Others')),
    most: { tenMinutes: [60, 10], hour: [290, 20] },
    said: 'Ready of the TwilioAccount and of the Sink',
    shows: /Unauthorized|Forbidden/u,
  })),
  {
    what: 'Twilio answers everything with 503',
    before: withSink,
    begin: answering('*', { status: 503 }, (world) => world.apply('Others')),
    most: { tenMinutes: [20, 70], hour: [20, 60] },
    said: 'Reconciling: ProgressingWithRetry, then Ready: TwilioUnreachable',
    shows: /Reconciling: ProgressingWithRetry/u,
  },
  {
    what: 'the credentials cannot be read (403)',
    begin: refusing({ status: 403, body: {} }, ['GET secrets']),
    most: { tenMinutes: [60, 10], hour: [290, 30] },
    said: 'Ready of the TwilioAccount: SecretMissing',
    shows: /Ready: SecretMissing/u,
  },
]
