import { isNamed } from './test-name.ts'
import type { Variant } from './variant.ts'

const DELETIONS = 'test/unit/reconciler/deletions.test.ts'
const OTHERS = 'test/unit/reconciler/sinks-of-others.test.ts'
const OBJECT_CACHE = 'test/unit/kubernetes/cache/object-cache.test.ts'
const UNREADABLE = 'test/unit/reconciler/unreadable-objects.test.ts'
const WAY_IN = 'test/unit/reconciler/one-way-in.test.ts'
const CLAIM = 'test/unit/external/claim.test.ts'

/** Ways to touch what is not ours. */
export const OWNING: readonly Variant[] = [
  {
    name: "a younger object's deletion takes a shared sink",
    breaks: ['C7'],
    edits: [
      {
        file: 'src/sink/target.ts',
        find: 'return better === undefined ?',
        replace: 'return better === undefined || o.object.deleting ?',
      },
    ],
    noticedBy: isNamed(DELETIONS, 'do not lose one %s when the younger is deleted'),
  },
  {
    name: 'a claim that is not the first wins too',
    breaks: ['C7'],
    edits: [
      {
        file: 'src/external/claim.ts',
        find: 'other.created < own.created',
        replace: 'other.created > own.created && other.uid < own.uid',
      },
    ],
    noticedBy: isNamed(
      CLAIM,
      'has exactly one winner among any objects, else a sink is served twice or not at all',
    ),
  },
  {
    name: 'unmarked sinks modified',
    breaks: ['C8'],
    edits: [
      {
        file: 'src/account/snapshot.ts',
        find: '    if (mark !== undefined && sameOwner(mark, owner)) found.push({ sink, mark })',
        replace:
          '    if (mark === undefined || sameOwner(mark, owner)) found.push({ sink, mark: mark ?? { ...owner, number: 1 } })',
      },
    ],
    noticedBy: isNamed(OTHERS, 'a sink %s is left as it is through the whole life of an object'),
  },
  {
    name: 'adoption without a look at whose mark it is',
    breaks: ['C8'],
    edits: [
      {
        file: 'src/account/snapshot.ts',
        find: 'if (mark !== undefined && sameOwner(mark, owner))',
        replace: 'if (mark !== undefined)',
      },
    ],
    noticedBy: isNamed(OTHERS, 'a sink %s is left as it is through the whole life of an object'),
  },
  {
    name: 'a SID recorded without a look at its sink',
    breaks: ['C8', 'F8'],
    edits: [
      {
        file: 'src/reconciler/effects/recheck.ts',
        find: 'return lookAndChange(s, { entry, connection }, sid, async (slot) => {',
        replace: `const blind: typeof lookAndChange = (_, known, __, blindly) =>
    connection.api.writes.withChangeSlot((change) => blindly({ ...known, change, notAfter: later(momentOf(s.clock), 1) }))
  return (decided.decision.effect.kind === 'record' ? blind : lookAndChange)(s, { entry, connection }, sid, async (slot) => {`,
      },
    ],
    noticedBy: isNamed(
      WAY_IN,
      'so that one whose mark a person has taken away since the LIST stays hers, %s',
    ),
  },
  {
    name: 'a SID in the status believed without anything that bears it out',
    breaks: ['C8', 'F13'],
    edits: [
      {
        file: 'src/sink/target.ts',
        find: '  isBorneOut({ dateCreated: recordedSince(object.status) }, sink) ||',
        replace: '  true || isBorneOut({ dateCreated: recordedSince(object.status) }, sink) ||',
      },
    ],
    noticedBy: isNamed(WAY_IN, '%s is a conflict: the sink is neither changed nor deleted'),
  },
  {
    name: 'a marked sink disputed by whoever has copied a status',
    breaks: ['C7', 'F13'],
    edits: [
      {
        file: 'src/external/claim.ts',
        find: ' && own.sid === sink.sid) return []',
        replace: ' && own.sid === undefined) return []',
      },
    ],
    noticedBy: isNamed(
      WAY_IN,
      'takes nothing from the one who has recorded it, with all that his status says',
    ),
  },
  {
    name: 'an object that cannot be read has nothing',
    breaks: ['F10'],
    edits: [
      {
        file: 'src/reconciler/memory/sink-index.ts',
        find: 'const sink = partialSink(cached)',
        replace: 'const sink = cached.readable ? partialSink(cached) : undefined',
      },
    ],
    noticedBy: isNamed(UNREADABLE, 'keeps its sink from every other object, whatever is odd: %s'),
  },
  {
    name: 'what a LIST shows is told later than what it is',
    breaks: ['F9'],
    edits: [
      {
        file: 'src/kubernetes/cache/object-cache.ts',
        find: '    this.#changed(change)\n    this.#calls.arrived',
        replace:
          "    if (origin !== 'watch' || !this.#calls.any(key)) this.#changed(change)\n    this.#calls.arrived",
      },
    ],
    noticedBy: isNamed(
      OBJECT_CACHE,
      'of LISTs, events, writes, reads and restores in any order, what was told last is always what the cache holds',
    ),
  },
  {
    name: 'what Orphan has let go is taken back whatever it is by now',
    breaks: ['C8', 'F45'],
    edits: [
      {
        file: 'src/sink/target.ts',
        find: '  if (difference !== undefined && !isOwnWork(o, mark)) return unlike(sink, difference.members)\n',
        replace: '',
      },
    ],
    noticedBy: isNamed(
      WAY_IN,
      'is not taken back by a Sink of that name that wants something else, nor deleted with it',
    ),
  },
  {
    name: 'a sink of a lost cluster told by its configuration',
    breaks: ['C33', 'F11'],
    edits: [
      {
        file: 'src/sink/classify-living.ts',
        find: 'import { wantedDescription, type Difference } from',
        replace: 'import { wantedDescription, differenceOf, type Difference } from',
      },
      {
        file: 'src/sink/classify-living.ts',
        find: 'o.snapshot.elsewhere.filter(({ takeOver }) => !takeOver)',
        replace:
          'o.snapshot.elsewhere.filter(({ takeOver, sink }) => !takeOver && differenceOf(o.desired, sink, []) === undefined)',
      },
    ],
    noticedBy: isNamed(
      WAY_IN,
      'a cluster that was built again makes no second sink, though Twilio shows another destination',
    ),
  },
  {
    name: 'an import is marked',
    breaks: ['C8'],
    edits: [
      {
        file: 'src/sink/difference.ts',
        find: '  if (object.importSid !== undefined) return desired.description\n',
        replace: '',
      },
    ],
    noticedBy: isNamed(OTHERS, 'an import changes nothing at Twilio, not even the description'),
  },
  {
    name: 'import creates',
    breaks: ['C8'],
    edits: [
      {
        file: 'src/sink/target.ts',
        find: 'if (importSid !== undefined && !deleting)',
        replace: 'if (importSid !== undefined && o.snapshot.imported !== undefined && !deleting)',
      },
    ],
    noticedBy: isNamed(OTHERS, 'an import that finds no sink waits for a person and never creates one'),
  },
]
