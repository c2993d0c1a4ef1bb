import { named } from './test-name.ts'
import type { Variant } from './variant.ts'

const DELETIONS = 'test/unit/reconciler/deletions.test.ts'
const OTHERS = 'test/unit/reconciler/sinks-of-others.test.ts'
const CLAIM = 'test/unit/sink/claim.test.ts'

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
      {
        file: 'src/reconciler/look-before.ts',
        find: 'claimsOn(s, sink.sid)) === undefined',
        replace: 'claimsOn(s, sink.sid)) !== null',
      },
    ],
    noticedBy: named(DELETIONS, 'do not lose one %s when the younger is deleted'),
  },
  {
    name: 'a claim that is not the first wins too',
    breaks: ['C7'],
    edits: [
      {
        file: 'src/sink/claim.ts',
        find: 'other.created < own.created',
        replace: 'other.created > own.created && other.uid < own.uid',
      },
    ],
    noticedBy: named(
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
    noticedBy: named(OTHERS, 'a sink %s is left as it is through the whole life of an object'),
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
      {
        file: 'src/reconciler/look-before.ts',
        find: "mark === undefined ? kind === 'recorded' : sameOwner(mark, observation.owner)",
        replace: 'true',
      },
    ],
    noticedBy: named(OTHERS, 'a sink %s is left as it is through the whole life of an object'),
  },
  {
    name: 'an import is marked',
    breaks: ['C8'],
    edits: [
      {
        file: 'src/sink/description.ts',
        find: '  if (object.importSid !== undefined) return desired.description\n',
        replace: '',
      },
    ],
    noticedBy: named(OTHERS, 'an import changes nothing at Twilio, not even the description'),
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
    noticedBy: named(OTHERS, 'an import that finds no sink waits for a person and never creates one'),
  },
]
