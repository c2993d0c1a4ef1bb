import type { ExternalSink } from './external-sink.ts'
import type { FailureFacts } from './failure.ts'

/** How the one effect of a reconcile ended. */
export type Outcome =
  | { readonly kind: 'none' }
  /** It did what it says; nothing came back that the status needs. */
  | { readonly kind: 'done' }
  | {
      readonly kind: 'created'
      readonly sink: ExternalSink
      readonly attempt: number
      readonly rewritten: readonly string[]
    }
  | { readonly kind: 'updated'; readonly sink: ExternalSink }
  | { readonly kind: 'tested' | 'validated'; readonly result: string }
  /** What was decided on is no longer so: look again at once. */
  | { readonly kind: 'stale' }
  /** It may not be done yet; milliseconds. */
  | { readonly kind: 'postponed'; readonly ms: number }
  /** `endedAttempt`: the create attempt that certainly made no sink. */
  | { readonly kind: 'failed'; readonly failure: FailureFacts; readonly endedAttempt?: number }
