import type { Condition } from '../../../src/api/condition.ts'
import type { SinkStatus } from '../../../src/api/sink.ts'
import type { OpenAttempt } from '../../../src/external/create-attempt.ts'
import { fingerprints, type ExternalSink } from '../../../src/external/external-sink.ts'
import { keyDigest } from '../../../src/external/key-digest.ts'
import type { Observation, PresentAccount, SnapshotFacts } from '../../../src/sink/observation.ts'
import { markedDescription, ownerOf, type Mark } from '../../../src/external/ownership-mark.ts'

/** Observations for tests, built from one that is at rest: a webhook sink, recorded, seen and active. */
export const OBSERVED_KEY = 'shop/orders'
export const OWNER = ownerOf('installation', OBSERVED_KEY)
export const OBSERVED_ACCOUNT = `AC${'1'.repeat(32)}`
export const OTHER_ACCOUNT = `AC${'2'.repeat(32)}`
export const urlOf = (of: string): string => `https://events.twilio.com/v1/Sinks/${of}`
export const sid = (digit: string): string => `DG${digit.repeat(32)}`
const WALL = Date.parse('2026-11-24T12:00:00Z')
const MONOTONIC = 1_000_000

const CONFIGURATION = { destination: 'https://a.example.com/', method: 'POST', batch_events: false }
const TEXT = 'Orders'

export const mark = (number: number, by: Partial<Mark> = {}): Mark => ({ ...OWNER, number, ...by })
export const FOREIGN = { installation: 'zzzzzz', object: 'zzzzzzzzzzzz' } as const

export function observedSink(by: Partial<ExternalSink> = {}): ExternalSink {
  return {
    sid: sid('a'),
    description: markedDescription(TEXT, mark(1)),
    sinkType: 'webhook',
    status: 'active',
    configuration: fingerprints({ ...CONFIGURATION, method: 'post' }),
    dateCreated: DATE_CREATED,
    dateUpdated: '2026-11-24T11:00:00Z',
    url: urlOf(by.sid ?? sid('a')),
    ...by,
  }
}

export const otherConfiguration = fingerprints({ ...CONFIGURATION, destination: 'https://b.example.com/' })

/** Of the key in use. */
export const KEY_DIGEST = keyDigest(OBSERVED_ACCOUNT)

export const account = (by: Partial<PresentAccount> = {}): PresentAccount => ({
  kind: 'present',
  name: 'shop/default',
  accountSid: OBSERVED_ACCOUNT,
  key: KEY_DIGEST,
  deleting: false,
  credential: { state: 'usable' },
  held: undefined,
  importsAllowed: true,
  ...by,
})

export const attempt = (by: Partial<OpenAttempt> = {}): OpenAttempt => ({
  number: 2,
  accountSid: OBSERVED_ACCOUNT,
  key: KEY_DIGEST,
  uid: 'uid',
  times: ['2026-11-24T11:59:00Z'],
  settled: false,
  settlesAt: MONOTONIC + 60_000,
  seen: false,
  absent: false,
  unwitnessed: false,
  ...by,
})

export const status = (by: Partial<SinkStatus> = {}): SinkStatus => ({
  observedGeneration: 1,
  conditions: [],
  ...by,
})

/** Conditions that have been so for an hour: type, status and reason. */
export const settledConditions = (
  ...said: readonly (readonly [type: string, status: Condition['status'], reason: string])[]
): Condition[] =>
  said.map(([type, is, reason]) => ({
    type,
    status: is,
    reason,
    message: `${reason}, as before.`,
    observedGeneration: 1,
    lastTransitionTime: '2026-11-24T11:00:00Z',
  }))

/** Of every sink here. */
export const DATE_CREATED = '2026-11-24T11:00:00Z'
export const RECORDED: SinkStatus = status({
  sid: sid('a'),
  accountSid: OBSERVED_ACCOUNT,
  createAttempt: 1,
  dateCreated: DATE_CREATED,
  url: urlOf(sid('a')),
})

export const snapshot = (by: Partial<SnapshotFacts> = {}): SnapshotFacts => ({
  kind: 'present',
  overdue: false,
  recorded: undefined,
  recordedGone: false,
  own: [],
  nothingOfOurs: true,
  absenceConfirmableFrom: MONOTONIC,
  imported: undefined,
  importGone: false,
  importAbandoned: false,
  elsewhere: [],
  claims: new Map(),
  subscriptions: new Map(),
  ...by,
})

/** A new object of which nothing is at Twilio. */
export function fresh(
  by: Partial<Observation> = {},
  object: Partial<Observation['object']> = {},
): Observation {
  return {
    now: { wall: WALL, monotonic: MONOTONIC },
    object: {
      key: OBSERVED_KEY,
      uid: 'uid',
      generation: 1,
      deleting: false,
      deletingFor: 0,
      finalizer: true,
      deletionPolicy: 'Delete',
      suspend: false,
      importSid: undefined,
      claim: {
        key: OBSERVED_KEY,
        uid: 'uid',
        created: '2026-11-24T11:00:00Z',
        kind: 'wished',
        matches: true,
      },
      status: status(),
      ...object,
    },
    crdDeleting: false,
    owner: OWNER,
    account: account(),
    snapshot: snapshot(),
    attempts: [],
    nextAttempt: 1,
    desired: {
      sinkType: 'webhook',
      description: TEXT,
      configuration: fingerprints(CONFIGURATION),
      fromSecret: [],
      problem: undefined,
    },
    refusal: undefined,
    notSticking: false,
    inUseUntil: undefined,
    requests: { reconcile: undefined, freshlyRead: false, test: undefined, validate: undefined },
    intervals: { poll: 300_000, settlingPoll: 15_000, settle: 60_000 },
    ...by,
  }
}

/** At rest: recorded, seen, active. */
export function settled(
  by: Partial<Observation> = {},
  object: Partial<Observation['object']> = {},
): Observation {
  const sink = observedSink()
  const own = [{ sink, mark: mark(1) }]
  return fresh({ snapshot: snapshot({ recorded: sink, own }), ...by }, { status: RECORDED, ...object })
}
