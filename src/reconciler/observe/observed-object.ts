import {
  CREATE_ATTEMPT_ANNOTATION,
  FINALIZER,
  FLUX_RECONCILE_REQUESTED_AT_ANNOTATION,
  RECONCILE_REQUESTED_AT_ANNOTATION,
  TEST_REQUESTED_AT_ANNOTATION,
  VALIDATE_ANNOTATION,
} from '../../api/group.ts'
import type { Metadata } from '../../api/parse.ts'
import type { Sink } from '../../api/sink.ts'
import { cut } from '../../api/status-length.ts'
import { parseAttempt, type CreateAttempt } from '../../external/create-attempt.ts'
import type { ObservedObject, Requests } from '../../sink/observation.ts'
import type { ObjectKey } from '../ports.ts'

/** The object as the tables see it. */
export function observedObject(key: ObjectKey, sink: Sink, wall: number): ObservedObject {
  const { metadata, spec, status } = sink
  const journal = journalOf(sink)
  const { uid, generation, creationTimestamp, deletionTimestamp, finalizers } = metadata
  return {
    key,
    uid,
    generation,
    deleting: deletionTimestamp !== undefined,
    deletingFor: deletionTimestamp === undefined ? 0 : Math.max(0, wall - Date.parse(deletionTimestamp)),
    finalizer: finalizers.includes(FINALIZER),
    deletionPolicy: spec.deletionPolicy ?? 'Delete',
    suspend: spec.suspend ?? false,
    importSid: spec.import?.sid,
    claim: {
      key,
      uid,
      created: creationTimestamp,
      kind: status.sid === undefined ? 'wished' : 'recorded',
      matches: true,
    },
    journal: journal?.uid === uid ? journal.attempt : undefined,
    status,
  }
}

const JOURNALS = new WeakMap<Metadata, { readonly journal: CreateAttempt | undefined }>()

/** The journal in the annotation, of whichever object it speaks. Parsed once for each version of an object. */
export function journalOf({ metadata }: Pick<Sink, 'metadata'>): CreateAttempt | undefined {
  const annotation = metadata.annotations[CREATE_ATTEMPT_ANNOTATION]
  const parsed = JOURNALS.get(metadata) ?? { journal: parseAttempt(annotation) }
  JOURNALS.set(metadata, parsed)
  return parsed.journal
}

/** What people asked for and what is not answered yet. Of two spellings the later value counts. */
export function requestsOf({ metadata, status }: Sink, freshRead: string | undefined): Requests {
  const { annotations } = metadata
  const asked = [RECONCILE_REQUESTED_AT_ANNOTATION, FLUX_RECONCILE_REQUESTED_AT_ANNOTATION]
    .flatMap((name) => annotations[name] ?? [])
    .sort()
    .at(-1)
  const reconcile = unanswered(asked, status.lastHandledReconcileAt, 'lastHandledReconcileAt')
  return {
    reconcile,
    freshlyRead: reconcile !== undefined && reconcile === freshRead,
    test: unanswered(annotations[TEST_REQUESTED_AT_ANNOTATION], status.lastTest?.requestedAt, 'requestedAt'),
    validate: unanswered(annotations[VALIDATE_ANNOTATION], status.lastValidation?.testId, 'testId'),
  }
}

/** As it would be stored: an endless value must neither be asked for endlessly nor sent to Twilio. */
function unanswered(
  asked: string | undefined,
  answered: string | undefined,
  field: Parameters<typeof cut>[1],
): string | undefined {
  const kept = asked === undefined ? '' : cut(asked, field)
  return kept === '' || kept === answered ? undefined : kept
}
