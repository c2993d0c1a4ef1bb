import type { SinkStatus } from '../../../src/api/sink.ts'
import type { Claim } from '../../../src/external/claim.ts'
import { fingerprints } from '../../../src/external/external-sink.ts'
import type { Observation, Refusal } from '../../../src/sink/observation.ts'
import {
  type observedSink,
  account,
  OBSERVED_ACCOUNT,
  attempt,
  DATE_CREATED,
  OTHER_ACCOUNT,
  otherConfiguration,
  settledConditions,
  sid,
} from './observations.ts'

/** A way to change an observation, and what varies in one respect, by name. */
export type Change = (o: Observation) => Observation
export type Facet = Readonly<Record<string, Change>>

export const object =
  (by: Partial<Observation['object']>): Change =>
  (o) => ({ ...o, object: { ...o.object, ...by } })
export const facts =
  (by: Partial<Observation['snapshot']>): Change =>
  (o) => ({ ...o, snapshot: { ...o.snapshot, ...by } })
export const top =
  (by: Partial<Observation>): Change =>
  (o) => ({ ...o, ...by })
/** Beside what the status says already. */
export const said =
  (by: Partial<SinkStatus>): Change =>
  (o) =>
    object({ status: { ...o.object.status, ...by } })(o)
export const same: Change = (o) => o
export const both =
  (...changes: readonly Change[]): Change =>
  (o) =>
    changes.reduce((seen, change) => change(seen), o)

export const LIFE_OR_DEATH: Facet = { living: same, deleting: object({ deleting: true }) }
export const LIFE: Facet = {
  ...LIFE_OR_DEATH,
  orphaned: object({ deleting: true, deletionPolicy: 'Orphan' }),
  'CRD deleting': both(object({ deleting: true }), top({ crdDeleting: true })),
}
export const FINALIZER: Facet = { finalizer: same, 'no finalizer': object({ finalizer: false }) }
export const SUSPEND: Facet = { 'looked after': same, suspended: object({ suspend: true }) }

const unusable = (reason: 'Unauthorized' | 'SecretMissing'): Change =>
  top({ account: account({ credential: { state: 'unusable', reason, message: REFUSED } }) })
const REFUSED = 'Twilio refuses the key. It is read again every few seconds.'
export const ACCOUNTS: Facet = {
  usable: same,
  missing: top({ account: { kind: 'missing', name: 'shop/default' } }),
  'not watched': top({ account: { kind: 'unwatched', name: 'elsewhere/default' } }),
  'not allowed': top({ account: { kind: 'not-allowed', name: 'shop/default' } }),
  unreadable: top({ account: { kind: 'unreadable', name: 'shop/default', problem: 'spec.imports: wrong' } }),
  'account being deleted': top({ account: account({ deleting: true }) }),
  refused: unusable('Unauthorized'),
  'without Secret': unusable('SecretMissing'),
  remembered: top({ account: account({ credential: { state: 'remembered', message: 'it is gone' } }) }),
  another: top({ account: account({ accountSid: OTHER_ACCOUNT }) }),
  held: top({ account: account({ held: 'MassDisappearance' }) }),
  'imports not allowed': top({ account: account({ importsAllowed: false }) }),
  'not all Sinks known': top({ account: account({ importsWait: true }) }),
}
export const VIEW: Facet = {
  listed: same,
  'not listed yet': facts({ kind: 'none' }),
  overdue: facts({ overdue: true }),
  'never listed, and overdue': facts({ kind: 'none', overdue: true }),
}
export const ATTEMPTS: Facet = {
  'no attempt': same,
  unsettled: top({ attempts: [attempt()] }),
  'unsettled, though a LIST could settle it': top({ attempts: [attempt({ settlesAt: 1_000_000 })] }),
  'unsettled, its sink seen': top({ attempts: [attempt({ seen: true })] }),
  'settled and absent': top({ attempts: [attempt({ settled: true, absent: true })] }),
  'settled, not believed': top({ attempts: [attempt({ settled: true, unwitnessed: true })] }),
  'settled, and its mark seen lately': top({ attempts: [attempt({ settled: true })] }),
  'unsettled elsewhere': top({ attempts: [attempt({ accountSid: OTHER_ACCOUNT })] }),
  'absent elsewhere': top({
    attempts: [attempt({ accountSid: OTHER_ACCOUNT, settled: true, absent: true })],
  }),
  'one absent, one unsettled': top({
    attempts: [attempt({ settled: true, absent: true }), attempt({ number: 3 })],
  }),
}

/** Changes every sink of the snapshot that could be the target. */
export const eachSink =
  (by: Partial<ReturnType<typeof observedSink>>): Change =>
  ({ snapshot: s, ...o }) => {
    const change = (sink: ReturnType<typeof observedSink> | undefined) =>
      sink === undefined ? undefined : { ...sink, ...by }
    const own = s.own.map((one) => ({ ...one, sink: { ...one.sink, ...by } }))
    return { ...o, snapshot: { ...s, recorded: change(s.recorded), imported: change(s.imported), own } }
  }
const newText: Change = (o) => ({ ...o, desired: { ...o.desired, description: 'New words' } })
const fromSecret: Change = (o) => ({ ...o, desired: { ...o.desired, fromSecret: ['destination'] } })
const masked = fingerprints({ destination: 'https://user:*****@b.example.com/', method: 'post' })
export const CONTENT: Facet = {
  equal: same,
  drifted: newText,
  'not sticking': both(newText, top({ notSticking: true })),
  'sticking at last': top({ notSticking: true }),
  'other configuration': eachSink({ configuration: otherConfiguration }),
  'other configuration, from a Secret': both(eachSink({ configuration: otherConfiguration }), fromSecret),
  'other configuration, known to be rewritten': both(
    eachSink({ configuration: otherConfiguration }),
    said({ notComparable: ['destination'] }),
  ),
  'other configuration, as the create that made it was answered': both(
    eachSink({ configuration: otherConfiguration }),
    top({ answered: 3 }),
  ),
  'masked configuration': eachSink({ configuration: masked }),
  'other type': eachSink({ sinkType: 'kinesis' }),
  'other in all': both(eachSink({ configuration: otherConfiguration }), newText, top({ notSticking: true })),
}

const problem =
  (kind: 'missing' | 'malformed'): Change =>
  (o) => ({ ...o, desired: { ...o.desired, problem: { kind, message: 'Secret s has no key k' } } })
export const VALUES: Facet = {
  complete: same,
  incomplete: problem('missing'),
  malformed: problem('malformed'),
  'malformed, as Twilio may have it': (o) => {
    const told = problem('malformed')(o)
    return { ...told, desired: { ...told.desired, fromSecret: ['destination'] } }
  },
}

type OfCreate = NonNullable<Observation['refusal']>
const refusal = (by: Partial<OfCreate>): Change =>
  top({
    refusal: {
      reason: 'CreateRefused',
      failure: { kind: 'refused', code: 91000, message: 'Not so.', moreInfo: 'https://twilio.com/91000' },
      said: undefined,
      attempt: 2,
      retryAt: 2_000_000,
      ...by,
    },
  })
function updateRefusal(by: Partial<Refusal<'UpdateRefused'>>): Change {
  const failure = { kind: 'refused', code: 91000, message: 'Not so.' } as const
  const attempt = undefined
  const told = { reason: 'UpdateRefused', failure, said: undefined, attempt, retryAt: 2_000_000 } as const
  return top({ updateRefusal: { ...told, ...by } })
}
export const REFUSALS: Facet = {
  'not refused': same,
  'refused by Twilio': refusal({}),
  'account full': refusal({ reason: 'QuotaExceeded', failure: undefined, said: 'Full.', attempt: undefined }),
  'made too often': refusal({ reason: 'RecreatedTooOften', failure: undefined, attempt: undefined }),
  'description refused': updateRefusal({}),
  'description refused before the start': updateRefusal({ failure: undefined, said: 'Not that text.' }),
}

export const WORDS: Facet = Object.fromEntries(
  ['active', 'initialized', 'validating', 'failed', 'paused'].map((word) => [
    word,
    eachSink({ status: word }),
  ]),
)
const used = new Map(['a', 'b', 'd'].map((digit) => [sid(digit), ['DF2', 'DF1']]))
export const USE: Facet = {
  unused: same,
  used: facts({ subscriptions: used }),
  'used once': facts({ subscriptions: new Map([...used.keys()].map((key) => [key, ['DF1']])) }),
  'use not known': facts({ subscriptions: undefined }),
  'refused as in use': both(facts({ subscriptions: undefined }), top({ inUseUntil: 2_000_000 })),
  'refused as in use, long ago': top({ inUseUntil: 1 }),
}
const NOTHING_ASKED = { reconcile: undefined, freshlyRead: false, test: undefined, validate: undefined }
export const REQUESTS: Facet = {
  'nothing asked': same,
  'test asked': top({ requests: { ...NOTHING_ASKED, test: 'now' } }),
  'validation asked': top({ requests: { ...NOTHING_ASKED, validate: 'id' } }),
  'pass asked': top({ requests: { ...NOTHING_ASKED, reconcile: 'now' } }),
  'pass asked, freshly read': top({ requests: { ...NOTHING_ASKED, reconcile: 'now', freshlyRead: true } }),
  'all asked': top({ requests: { reconcile: 'now', freshlyRead: true, test: 'now', validate: 'id' } }),
}

/** What the status said before, in the ways that matter to what it says next. */
export const BEFORE: Facet = {
  'not looked at yet': same,
  'ready before': (o) => said({ conditions: settledConditions(['Ready', 'True', 'Active']) })(o),
  'stalled before': said({
    conditions: settledConditions(['Ready', 'False', 'CreateRefused'], ['Stalled', 'True', 'CreateRefused']),
  }),
  'on its way before': said({
    conditions: settledConditions(
      ['Ready', 'False', 'Validating'],
      ['Reconciling', 'True', 'Validating'],
      ['DuplicateFound', 'True', 'MarkSeenTwice'],
    ),
  }),
  'to be replaced before': said({
    conditions: settledConditions(
      ['Ready', 'False', 'ReplacementRequired'],
      ['Stalled', 'True', 'ReplacementRequired'],
      ['ReplacementRequired', 'True', 'ConfigurationChanged'],
      ['DuplicateFound', 'True', 'MarkSeenTwice'],
    ),
  }),
  'not observed before': said({ conditions: settledConditions(['Ready', 'Unknown', 'NotYetObserved']) }),
  'blocked before': said({
    conditions: settledConditions(['Ready', 'False', 'Deleting'], ['DeletionBlocked', 'True', 'SinkInUse']),
  }),
}
export const GENERATION: Facet = { 'same generation': same, edited: object({ generation: 2 }) }
export const SINCE: Facet = { 'just now': same, 'a minute ago': object({ deletingFor: 60_000 }) }

export const claim = (by: Partial<Claim> = {}): Claim => ({
  key: 'shop/older',
  uid: 'a',
  created: '2026-01-01T00:00:00Z',
  kind: 'recorded',
  matches: true,
  dateCreated: DATE_CREATED,
  imports: false,
  ...by,
})
export const claims = (digit: string, by: Partial<Claim> = {}): Change =>
  facts({ claims: new Map([[sid(digit), [claim(by)]]]) })
export const inAccount = (accountSid: string): Change => said({ accountSid })
export { OBSERVED_ACCOUNT }
