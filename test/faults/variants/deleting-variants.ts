import { isNamed } from './test-name.ts'
import type { Variant } from './variant.ts'

const DELETIONS = 'test/unit/reconciler/deletions.test.ts'
const ABSENCE = 'test/unit/account/absence.test.ts'
const CLASSIFICATION = 'test/unit/twilio/classification.test.ts'

/** Ways to let an object go whose sink is still there, or to take a sink away that should stay. */
export const DELETING: readonly Variant[] = [
  {
    name: 'finalizer removed on any 404',
    breaks: ['C3'],
    edits: [
      {
        file: 'src/twilio/failures.ts',
        find: "  [429, 'rate-limited'],\n])",
        replace: "  [429, 'rate-limited'],\n  [404, 'not-found'],\n])",
      },
    ],
    noticedBy: isNamed(
      CLASSIFICATION,
      'says not-found only for status 404 with code 20404 or 91001, since a sink is believed gone by it',
    ),
  },
  {
    name: 'a 401 taken as "gone"',
    breaks: ['C3'],
    edits: [
      {
        file: 'src/reconciler/effects/delete-sink.ts',
        find: "if (error.kind !== 'not-found') throw error",
        replace: "if (error.kind !== 'not-found' && error.kind !== 'unauthorized') throw error",
      },
      {
        file: 'src/account/absence.ts',
        find: 'context.trusted && list.beganAt > from',
        replace: 'context.trusted',
      },
    ],
    noticedBy: isNamed(DELETIONS, 'stays while its DELETE ends as %s, and goes when that is over'),
  },
  {
    name: 'a 404 believed without a LIST that follows',
    breaks: ['C3'],
    edits: [
      {
        file: 'src/account/absence.ts',
        find: 'context.trusted && list.beganAt > from',
        replace: 'context.trusted',
      },
    ],
    noticedBy: isNamed(ABSENCE, 'is not gone by a 404 after the LIST: that LIST may be as old as the sink'),
  },
  {
    name: 'a look that fails taken as leave to delete',
    breaks: ['C3'],
    edits: [
      {
        file: 'src/reconciler/effects/recheck.ts',
        find: 'await lookAt(s, entry, { sid, connection, through: change })',
        replace: 'await lookAt(s, entry, { sid, connection, through: change }).catch(() => undefined)',
      },
    ],
    noticedBy: isNamed(DELETIONS, 'stays while its sink can only be read as %s'),
  },
  {
    name: 'a name free at once, whoever has deleted its sink',
    breaks: ['C3'],
    edits: [
      {
        file: 'src/account/absence.ts',
        find: 'if (absence?.byOwnDelete !== true ||',
        replace: 'if (absence === undefined ||',
      },
    ],
    noticedBy: isNamed(
      ABSENCE,
      'is waited for where somebody else has deleted the sink, or a LIST shows it again',
    ),
  },
  {
    name: 'DELETE accepted taken as deleted',
    breaks: ['C14'],
    edits: [
      {
        file: 'src/account/absence.ts',
        find: 'context.trusted && list.beganAt > from',
        replace: 'context.trusted && (absence.byOwnDelete || list.beganAt > from)',
      },
    ],
    noticedBy: isNamed(
      DELETIONS,
      'stays after an accepted DELETE as long as no LIST has shown that the sink is gone',
    ),
  },
  {
    name: 'finalizer removed although the clean-up threw',
    breaks: ['C15', 'C3'],
    edits: [
      {
        file: 'src/reconciler/effects/act.ts',
        find: "if (error instanceof TwilioFailure) return { ...decided, outcome: { kind: 'failed', failure: error } }",
        replace:
          "if (decided.decision.effect.kind === 'delete') return { ...decided, outcome: await removeFinalizer(s, decided.observed, { kind: 'remove-finalizer', because: 'sink-gone' }) }",
      },
    ],
    noticedBy: isNamed(DELETIONS, 'stays while its DELETE ends as %s, and goes when that is over'),
  },
  {
    name: 'finalizer removed in a finally block',
    breaks: ['C15'],
    edits: [
      {
        file: 'src/reconciler/effects/act.ts',
        find: '    throw error\n  }\n}\n\nfunction notWritten(',
        replace:
          "    throw error\n  } finally {\n    if (decided.decision.effect.kind === 'delete') await removeFinalizer(s, decided.observed, { kind: 'remove-finalizer', because: 'orphaned' })\n  }\n}\n\nfunction notWritten(",
      },
    ],
    noticedBy: isNamed(DELETIONS, 'stays while its DELETE breaks in a way that nobody has foreseen'),
  },
  {
    name: 'orphan on CRD deletion missing',
    breaks: ['C5'],
    edits: [
      {
        file: 'src/sink/classify-deleting.ts',
        find: "  if (o.crdDeleting) return { name: 'Orphaned', cause: 'crd' }\n",
        replace: '',
      },
    ],
    noticedBy: isNamed(
      DELETIONS,
      'goes and leaves its sink when the definition is being deleted: no chart takes sinks away',
    ),
  },
  {
    name: 'no last look at the CRD before a DELETE',
    breaks: ['C5'],
    edits: [
      {
        file: 'src/reconciler/observe/inputs.ts',
        find: 'const crd = await crdFor(s, sink)',
        replace: "const crd = again ? ({ deleting: false, source: 'crd' } as const) : await crdFor(s, sink)",
      },
    ],
    noticedBy: isNamed(
      DELETIONS,
      'leaves its sink when the deletion of the definition shows only in the last look',
    ),
  },
  {
    name: 'a DELETE sent whenever its turn comes',
    breaks: ['C5'],
    edits: [
      {
        file: 'src/reconciler/effects/recheck.ts',
        find: 'later(momentOf(s.clock), 2 * s.settings.callTimeout)',
        replace: 'later(momentOf(s.clock), 2000 * s.settings.callTimeout)',
      },
    ],
    noticedBy: isNamed(
      DELETIONS,
      'is looked at again when too much time has passed between the look and its DELETE',
    ),
  },
]
