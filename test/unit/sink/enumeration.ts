import type { Observation } from '../../../src/sink/observation.ts'
import { markedDescription } from '../../../src/sink/ownership-mark.ts'
import {
  account,
  ACCOUNT,
  attempt,
  external,
  FOREIGN,
  fresh,
  mark,
  OTHER_ACCOUNT,
  otherConfiguration,
  RECORDED,
  sid,
  status,
} from './observations.ts'

type Change = (o: Observation) => Observation
type Facet = Readonly<Record<string, Change>>

const object =
  (by: Partial<Observation['object']>): Change =>
  (o) => ({ ...o, object: { ...o.object, ...by } })
const facts =
  (by: Partial<Observation['snapshot']>): Change =>
  (o) => ({ ...o, snapshot: { ...o.snapshot, ...by } })
const top =
  (by: Partial<Observation>): Change =>
  (o) => ({ ...o, ...by })
const same: Change = (o) => o
const both =
  (...changes: readonly Change[]): Change =>
  (o) =>
    changes.reduce((seen, change) => change(seen), o)

const LIFE: Facet = {
  living: same,
  deleting: object({ deleting: true }),
  orphaned: object({ deleting: true, deletionPolicy: 'Orphan' }),
  'definition deleting': both(object({ deleting: true }), top({ definitionDeleting: true })),
}
const FINALIZER: Facet = { finalizer: same, stripped: object({ finalizer: false }) }
const SUSPEND: Facet = { active: same, suspended: object({ suspend: true }) }
const ACCOUNTS: Facet = {
  usable: same,
  missing: top({ account: { kind: 'missing', name: 'shop/default' } }),
  'not allowed': top({ account: { kind: 'not-allowed', name: 'shop/default' } }),
  'being deleted': top({ account: account({ deleting: true }) }),
  refused: top({
    account: account({ credential: { state: 'unusable', reason: 'Unauthorized', message: 'no' } }),
  }),
  remembered: top({ account: account({ credential: { state: 'remembered', message: 'gone' } }) }),
  another: top({ account: account({ accountSid: OTHER_ACCOUNT }) }),
  held: top({ account: account({ held: 'MassDisappearance' }) }),
  'imports refused': top({ account: account({ importsAllowed: false }) }),
}
const VIEW: Facet = { seen: same, unseen: facts({ kind: 'none' }), overdue: facts({ overdue: true }) }
const ATTEMPTS: Facet = {
  'no attempt': same,
  unsettled: top({ attempts: [attempt()] }),
  'settled and absent': top({ attempts: [attempt({ settled: true, absent: true })] }),
  'settled, not believed': top({ attempts: [attempt({ settled: true })] }),
  elsewhere: top({ attempts: [attempt({ accountSid: OTHER_ACCOUNT })] }),
}

const seenSink = external()
const successor = {
  sink: external({ sid: sid('b'), description: markedDescription('Orders', mark(2)) }),
  mark: mark(2),
}
const another = {
  sink: external({ sid: sid('c'), description: markedDescription('Orders', mark(3)) }),
  mark: mark(3),
}
const unmarked = external({ sid: sid('d'), description: 'Orders' })
const abandoned = external({
  sid: sid('d'),
  description: markedDescription('Orders', mark(4, { object: FOREIGN.object })),
})
const foreignSink = external({ description: markedDescription('Orders', mark(1, FOREIGN)) })
const older = {
  key: 'shop/older',
  uid: 'a',
  created: '2026-01-01T00:00:00Z',
  kind: 'recorded',
  matches: true,
} as const
const elsewhere = (digit: string, takeOver: boolean) => ({
  sink: external({
    sid: sid(digit),
    description: markedDescription('Orders', mark(5, { installation: 'qqqqqq' })),
  }),
  mark: mark(5, { installation: 'qqqqqq' }),
  takeOver,
})

const recorded = (by: Partial<Observation['snapshot']>): Change =>
  both(object({ status: RECORDED }), facts(by))
const importing = (by: Partial<Observation['snapshot']>): Change =>
  both(object({ importSid: sid('d') }), facts(by))

export const SITUATIONS: Facet = {
  'nothing, proven': same,
  'nothing, not proven': facts({ nothingOfOurs: false }),
  'recorded and seen': recorded({ recorded: seenSink, own: [{ sink: seenSink, mark: mark(1) }] }),
  'recorded with a foreign mark': recorded({ recorded: foreignSink }),
  'recorded by an older object too': recorded({ recorded: seenSink, claims: new Map([[sid('a'), [older]]]) }),
  'recorded and missing': recorded({}),
  'recorded and gone': recorded({ recordedGone: true }),
  'recorded, gone, successor': recorded({ recordedGone: true, nothingOfOurs: false, own: [successor] }),
  'recorded and a duplicate': recorded({
    recorded: seenSink,
    own: [{ sink: seenSink, mark: mark(1) }, successor],
  }),
  successor: facts({ own: [successor], nothingOfOurs: false }),
  'two successors': facts({ own: [successor, another], nothingOfOurs: false }),
  'import, seen': importing({ imported: unmarked }),
  'import, recorded': both(
    importing({ recorded: unmarked, imported: unmarked }),
    object({ status: { ...RECORDED, sid: sid('d') } }),
  ),
  'import, unseen': importing({}),
  'import, gone': importing({ importGone: true }),
  'import that differs': importing({ imported: { ...unmarked, configuration: otherConfiguration } }),
  'import, abandoned mark': importing({ imported: abandoned, importAbandoned: true }),
  'import, foreign mark': importing({ imported: abandoned }),
  'import, claimed': importing({ imported: unmarked, claims: new Map([[sid('d'), [older]]]) }),
  'import beside an own sink': importing({ imported: unmarked, own: [successor], nothingOfOurs: false }),
  'marked elsewhere': facts({ elsewhere: [elsewhere('e', false)] }),
  'to take over': facts({ elsewhere: [elsewhere('e', true)] }),
  'two to take over': facts({ elsewhere: [elsewhere('e', true), elsewhere('f', true)] }),
}

const eachSink =
  (by: Partial<ReturnType<typeof external>>): Change =>
  ({ snapshot: s, ...o }) => {
    const change = (sink: ReturnType<typeof external> | undefined) =>
      sink === undefined ? undefined : { ...sink, ...by }
    const own = s.own.map((one) => ({ ...one, sink: { ...one.sink, ...by } }))
    return { ...o, snapshot: { ...s, recorded: change(s.recorded), imported: change(s.imported), own } }
  }
const newText: Change = (o) => ({ ...o, desired: { ...o.desired, description: 'New words' } })

const CONTENT: Facet = {
  equal: same,
  drifted: newText,
  'not sticking': both(newText, top({ notSticking: true })),
  'other configuration': eachSink({ configuration: otherConfiguration }),
  'other type': eachSink({ sinkType: 'kinesis' }),
}
const problem =
  (kind: 'missing' | 'malformed'): Change =>
  (o) => ({
    ...o,
    desired: { ...o.desired, problem: { kind, message: 'Secret s has no key k' } },
  })
const VALUES: Facet = { complete: same, missing: problem('missing'), malformed: problem('malformed') }
const REFUSALS: Facet = {
  'not refused': same,
  refused: top({
    refusal: {
      reason: 'CreateRefused',
      failure: { kind: 'refused', code: 91000, message: 'no' },
      said: undefined,
      attempt: 1,
      retryAt: 2_000_000,
    },
  }),
}
const WORDS: Facet = Object.fromEntries(
  ['active', 'initialized', 'validating', 'failed', 'paused'].map((word) => [
    word,
    eachSink({ status: word }),
  ]),
)
const USE: Facet = {
  unused: same,
  used: facts({
    subscriptions: new Map([
      [sid('a'), ['DF1']],
      [sid('b'), ['DF1']],
    ]),
  }),
  'use not known': facts({ subscriptions: undefined }),
  'refused as in use': both(facts({ subscriptions: undefined }), top({ inUseUntil: 2_000_000 })),
}
const REQUESTS: Facet = {
  'nothing asked': same,
  'test asked': top({
    requests: { reconcile: undefined, freshlyRead: false, test: 'now', validate: undefined },
  }),
  'validation asked': top({
    requests: { reconcile: undefined, freshlyRead: false, test: undefined, validate: 'id' },
  }),
}

export interface Case {
  readonly name: string
  readonly o: Observation
}

function* product(facets: readonly Facet[]): Iterable<Case> {
  const [first, ...others] = facets
  if (first === undefined) {
    yield { name: '', o: fresh({}, { status: status() }) }
    return
  }
  for (const { name, o } of product(others)) {
    for (const [label, change] of Object.entries(first)) yield { name: `${label}, ${name}`, o: change(o) }
  }
}

/** The facets that matter together, multiplied out; in other sub-products the rest. */
export function* everyCase(): Iterable<Case> {
  // Situations come first: they replace what later facets change. `product` applies the last facet first.
  yield* product([LIFE, FINALIZER, SUSPEND, ACCOUNTS, VIEW, ATTEMPTS, SITUATIONS])
  yield* product([LIFE, FINALIZER, CONTENT, VALUES, REFUSALS, ATTEMPTS, SITUATIONS])
  yield* product([LIFE, USE, REQUESTS, WORDS, CONTENT, SITUATIONS])
}

export { ACCOUNT }
