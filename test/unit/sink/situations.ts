import type { ExternalSink } from '../../../src/external/external-sink.ts'
import type { Observation } from '../../../src/sink/observation.ts'
import { markedDescription, type Mark } from '../../../src/external/ownership-mark.ts'
import { both, claims, facts, inAccount, object, said, same, top, type Change, type Facet } from './facets.ts'
import {
  attempt,
  observedSink,
  FOREIGN,
  mark,
  OTHER_ACCOUNT,
  otherConfiguration,
  RECORDED,
  sid,
  urlOf,
} from './observations.ts'

/** A sink with a mark at the end of its description, as the snapshot has it. */
const marked = (digit: string, by: Mark, more: Partial<ExternalSink> = {}) => ({
  sink: observedSink({ sid: sid(digit), description: markedDescription('Orders', by), ...more }),
  mark: by,
})
const elsewhere = (digit: string, takeOver: boolean, more: Partial<ExternalSink> = {}) => ({
  ...marked(digit, mark(5, { installation: 'qqqqqq' }), more),
  takeOver,
})
const furtherAway = { ...marked('f', mark(5, { installation: 'pppppp' })), takeOver: false }

const seen = marked('a', mark(1))
const successor = marked('b', mark(3))
const another = marked('c', mark(4))
const unmarked = observedSink({ sid: sid('d'), description: 'Orders' })
const withoutObject = marked('d', mark(4, { object: FOREIGN.object })).sink
const ours = marked('d', mark(3)).sink

type SnapshotChange = Partial<Observation['snapshot']>
const recorded = (by: SnapshotChange, ...more: readonly Change[]): Change =>
  both(object({ status: RECORDED }), facts(by), ...more)
const recordedSeen = (...more: readonly Change[]): Change =>
  recorded({ recorded: seen.sink, own: [seen] }, ...more)
const own = (...sinks: readonly ReturnType<typeof marked>[]): Change =>
  facts({ own: sinks, nothingOfOurs: false })
const RECORDED_IMPORT = { ...RECORDED, sid: sid('d'), url: urlOf(sid('d')) }
const made = (change: Change): Change => both(object({ journal: 3 }), change)
const importing = (by: SnapshotChange, ...more: readonly Change[]): Change =>
  both(object({ importSid: sid('d') }), facts(by), ...more)
const differing = { configuration: otherConfiguration }

const RECORDED_ONES: Facet = {
  'recorded and seen': recordedSeen(),
  'recorded without mark': recorded({ recorded: observedSink({ description: 'Orders' }) }),
  'recorded without mark, by its SID alone': recorded(
    { recorded: observedSink({ description: 'Orders' }) },
    said({ dateCreated: undefined }),
  ),
  'recorded without mark, its SID in place of another made in the same second': recorded(
    { recorded: observedSink({ description: 'Orders' }) },
    said({ url: urlOf(sid('b')) }),
  ),
  'recorded without mark, in place of another': recorded({
    recorded: observedSink({ description: 'Orders', dateCreated: '2026-11-24T10:00:00Z' }),
  }),
  'recorded with a mark, by its SID alone': recordedSeen(said({ dateCreated: undefined })),
  'recorded by its SID alone by an older object too': recordedSeen(claims('a', { dateCreated: undefined })),
  'recorded by its SID alone, and imported, by an older object too': recordedSeen(
    claims('a', { dateCreated: undefined, imports: true }),
  ),
  'recorded with a foreign mark': recorded({ recorded: marked('a', mark(1, FOREIGN)).sink }),
  'recorded without mark, by an older object too': recorded(
    { recorded: observedSink({ description: 'Orders' }) },
    claims('a'),
  ),
  'recorded without mark, by an older object that differs': recorded(
    { recorded: observedSink({ description: 'Orders' }) },
    claims('a', { matches: false }),
  ),
  'recorded without mark, wished for by an older object': recorded(
    { recorded: observedSink({ description: 'Orders' }) },
    claims('a', { kind: 'wished' }),
  ),
  'recorded by an older object too': recordedSeen(claims('a')),
  'recorded by a younger object too': recordedSeen(claims('a', { created: '2027-01-01T00:00:00Z' })),
  'recorded by an older object that differs': recordedSeen(claims('a', { matches: false })),
  'recorded, wished for by an older object': recordedSeen(claims('a', { kind: 'wished' })),
  'recorded, not seen': recorded({}),
  'recorded, not seen, proof later': recorded({ nothingOfOurs: false, absenceConfirmableFrom: 1_030_000 }),
  'recorded and gone': recorded({ recordedGone: true }),
  'recorded and gone, rest not proven': recorded({ recordedGone: true, nothingOfOurs: false }),
  'recorded, gone, successor': both(recorded({ recordedGone: true }), own(successor)),
  'recorded, not seen, successor': both(recorded({}), own(successor)),
  'recorded and a duplicate': recordedSeen(own(seen, successor)),
  'recorded and two duplicates': recordedSeen(own(seen, successor, another)),
  'recorded in another account': recordedSeen(inAccount(OTHER_ACCOUNT)),
  'recorded and gone, elsewhere': recorded({ recordedGone: true, elsewhere: [elsewhere('e', false)] }),
  'recorded and gone, to take over': recorded({ recordedGone: true, elsewhere: [elsewhere('e', true)] }),
  'recorded, not seen, elsewhere': recorded({ elsewhere: [elsewhere('e', false)] }),
}
const OWN: Facet = {
  'nothing, proven': same,
  'nothing, not proven': facts({ nothingOfOurs: false }),
  'nothing, proof later': facts({ nothingOfOurs: false, absenceConfirmableFrom: 1_030_000 }),
  successor: made(own(successor)),
  'successor, left by an earlier object': own(successor),
  'successor of an attempt of this process': both(
    own(successor),
    top({ attempts: [attempt({ number: 3, seen: true })] }),
  ),
  'successor of an attempt of an earlier object': both(
    own(successor),
    top({ attempts: [attempt({ number: 3, seen: true, uid: 'earlier' })] }),
  ),
  'successor, its SID lost': both(own(successor), said({ sinkType: 'webhook' })),
  'successor that differs, left by an earlier object': own(marked('b', mark(3), differing)),
  'successor that differs': made(own(marked('b', mark(3), differing))),
  'successor, recorded by another object': both(own(successor), claims('b')),
  'successor, recorded by its SID alone by another object': both(
    own(successor),
    claims('b', { dateCreated: undefined }),
  ),
  'successor, recorded by its SID alone, and imported, by another object': both(
    own(successor),
    claims('b', { dateCreated: undefined, imports: true }),
  ),
  'successor, wished for by a younger object': both(
    own(successor),
    claims('b', { kind: 'wished', created: '2027-01-01T00:00:00Z' }),
  ),
  'two successors': own(successor, another),
  'a sink of an attempt that has ended': both(said({ createAttempt: 3 }), facts({ own: [successor] })),
}
const IMPORTS: Facet = {
  'import, seen': importing({ imported: unmarked }),
  'import, recorded': importing(
    { recorded: unmarked, imported: unmarked },
    object({ status: RECORDED_IMPORT }),
  ),
  'import, recorded by its SID alone': importing(
    { recorded: unmarked, imported: unmarked },
    object({ status: { ...RECORDED_IMPORT, dateCreated: undefined } }),
  ),
  'import, unseen': importing({}),
  'import, gone': importing({ importGone: true }),
  'import, recorded and gone': importing(
    { recordedGone: true, importGone: true },
    object({ status: RECORDED_IMPORT }),
  ),
  'import, recorded and gone, successor': importing(
    { recordedGone: true, importGone: true },
    object({ status: RECORDED_IMPORT }),
    own(successor),
  ),
  'import that differs': importing({ imported: { ...unmarked, ...differing } }),
  'import with our mark, that differs': importing({
    imported: { ...ours, ...differing },
    own: [{ sink: { ...ours, ...differing }, mark: mark(3) }],
  }),
  'import with our mark': importing({ imported: ours, own: [{ sink: ours, mark: mark(3) }] }),
  'import with our mark, of an attempt that has ended': importing(
    { imported: ours, own: [{ sink: ours, mark: mark(3) }] },
    said({ createAttempt: 3 }),
  ),
  'import, abandoned mark': importing({ imported: withoutObject, importAbandoned: true }),
  'import, abandoned mark, claimed': importing(
    { imported: withoutObject, importAbandoned: true },
    claims('d'),
  ),
  'import, abandoned mark, that differs': importing({
    imported: { ...withoutObject, ...differing },
    importAbandoned: true,
  }),
  'import, foreign mark': importing({ imported: withoutObject }),
  'import, recorded by another object': importing({ imported: unmarked }, claims('d')),
  'import, also wished for by an older object': importing(
    { imported: unmarked },
    claims('d', { kind: 'wished' }),
  ),
  'import beside an own sink': importing({ imported: unmarked }, own(successor)),
  'import that differs, elsewhere': importing({
    imported: { ...unmarked, ...differing },
    elsewhere: [elsewhere('e', false)],
  }),
  'import, abandoned mark, elsewhere': importing({
    imported: withoutObject,
    importAbandoned: true,
    elsewhere: [elsewhere('e', false)],
  }),
}
const ELSEWHERE: Facet = {
  'marked elsewhere': facts({ elsewhere: [elsewhere('e', false)] }),
  'marked by two installations': facts({ elsewhere: [elsewhere('e', false), furtherAway] }),
  'marked elsewhere, recorded by another object': both(
    facts({ elsewhere: [elsewhere('e', false)] }),
    claims('e'),
  ),
  'marked elsewhere, other configuration': facts({ elsewhere: [elsewhere('e', false, differing)] }),
  'marked elsewhere, and an own sink': both(own(successor), facts({ elsewhere: [elsewhere('e', false)] })),
  'to take over': facts({ elsewhere: [elsewhere('e', true)] }),
  'to take over, other configuration': facts({ elsewhere: [elsewhere('e', true, differing)] }),
  'to take over, its number long ended': both(
    facts({ elsewhere: [elsewhere('e', true)] }),
    said({ createAttempt: 9 }),
  ),
  'to take over, recorded by another object': both(facts({ elsewhere: [elsewhere('e', true)] }), claims('e')),
  'two to take over': facts({ elsewhere: [elsewhere('e', true), elsewhere('f', true)] }),
  'one to take over, one of two that lives': facts({
    elsewhere: [elsewhere('e', true), elsewhere('f', false)],
  }),
}

/** What is at Twilio and what the object knows of it. */
export const SITUATIONS: Facet = { ...OWN, ...RECORDED_ONES, ...IMPORTS, ...ELSEWHERE }
/** The ones in which an external sink is the target; for what depends on its content alone. */
export const FOUND: Facet = Object.fromEntries(
  Object.entries(SITUATIONS).filter(([name]) =>
    /^(recorded (and seen|without mark|and a duplicate)|recorded, gone, successor|successor|successor, left by an earlier object|import, (seen|recorded))$/u.test(
      name,
    ),
  ),
)
