import type { Credential, SinkChange, SinkList, TwilioAccountApi } from '../../../src/reconciler/ports.ts'
import type { Moment } from '../../../src/time/clock.ts'
import { fingerprints, type ExternalSink } from '../../../src/external/external-sink.ts'
import { TwilioFailure, type FailureKind } from '../../../src/external/failure.ts'

type Operation = 'list' | 'fetch' | 'create' | 'update' | 'delete' | 'test'

export interface FakeTwilio {
  readonly sinks: Map<string, ExternalSink>
  readonly calls: Operation[]
  count(operation: Operation): number
  /** How the next calls of the operation end, until it is taken out. */
  readonly failing: Map<Operation, FailureKind | Error>
  /** What a LIST shows; all there is, unless a test makes it lag. */
  listed: () => readonly ExternalSink[]
  /** RFC 3339: when Twilio says that it has made a sink. */
  madeAt: () => string
  /** Called when Twilio has made a sink, before it answers; its answer waits for it. */
  created: (sink: ExternalSink) => void | Promise<void>
  /** By the clocks of the process that asks, when a test has some. */
  isPast: (notAfter: Moment) => boolean
  readonly connect: (account: { readonly name: string }, credential: Credential) => TwilioAccountApi
}

/** `first`: how the SIDs of an account begin; no two accounts have the same. */
export function fakeTwilio(first = '0'): FakeTwilio {
  const sinks = new Map<string, ExternalSink>()
  const calls: Operation[] = []
  const failing = new Map<Operation, FailureKind | Error>()
  let made = 0

  const called = (operation: Operation): void => {
    calls.push(operation)
    const kind = failing.get(operation)
    if (kind instanceof Error) throw kind
    if (kind !== undefined) throw new TwilioFailure({ kind, message: 'as the test wants it' })
  }
  const found = (sid: string): ExternalSink => {
    const sink = sinks.get(sid)
    if (sink === undefined) throw new TwilioFailure({ kind: 'not-found', message: 'no such sink' })
    return sink
  }
  const create = (description: string, configuration: Readonly<Record<string, unknown>>): ExternalSink => {
    made += 1
    const sid = `DG${first}${String(made).padStart(31, '0')}`
    const sink: ExternalSink = {
      sid,
      description,
      sinkType: 'webhook',
      status: 'active',
      configuration: fingerprints(configuration),
      dateCreated: twilio.madeAt(),
      dateUpdated: twilio.madeAt(),
      url: `https://events.twilio.com/v1/Sinks/${sid}`,
    }
    sinks.set(sink.sid, sink)
    return sink
  }

  const inTime = (operation: Operation, notAfter: Moment): void => {
    if (twilio.isPast(notAfter)) throw new TwilioFailure({ kind: 'not-sent', message: 'too late' })
    called(operation)
  }
  const change: SinkChange = {
    fetchSink: (sid) => api.fetchSink(sid),
    updateDescription: async (sid, description, notAfter) => {
      inTime('update', notAfter)
      sinks.set(sid, { ...found(sid), description })
      return found(sid)
    },
    deleteSink: async (sid, notAfter) => {
      inTime('delete', notAfter)
      found(sid)
      sinks.delete(sid)
    },
  }

  const api: TwilioAccountApi = {
    listSinks: async (): Promise<SinkList> => {
      called('list')
      return { sinks: twilio.listed(), pages: 1 }
    },
    listSubscriptions: async () => [],
    fetchSink: async (sid) => {
      called('fetch')
      return found(sid)
    },
    writes: {
      withCreateSlot: (work) =>
        work(async ({ description, configuration }) => {
          called('create')
          const sink = create(description, configuration)
          await twilio.created(sink)
          return sink
        }),
      withChangeSlot: (work) => work(change),
    },
    probe: {
      sendTest: async () => {
        called('test')
        return 'submitted'
      },
      validate: async () => 'valid',
    },
  }

  const twilio: FakeTwilio = {
    sinks,
    calls,
    count: (operation) => calls.filter((one) => one === operation).length,
    failing,
    listed: () => [...sinks.values()],
    madeAt: () => '2026-11-24T11:00:00Z',
    created: () => undefined,
    isPast: () => false,
    connect: () => api,
  }
  return twilio
}
