/** What a reconcile says about the next one of its key. Changes of the object bring it back in any case. */
export type Requeue =
  /** No timer. */
  | { readonly kind: 'await-change' }
  /** In `ms` milliseconds at the latest. */
  | { readonly kind: 'requeue-after'; readonly ms: number }
  /** There is more to do at once. */
  | { readonly kind: 'requeue-now' }
  /** It failed in a way that may pass: again after a growing delay. */
  | { readonly kind: 'retry' }

export const AWAIT_CHANGE: Requeue = { kind: 'await-change' }
export const REQUEUE_NOW: Requeue = { kind: 'requeue-now' }
export const RETRY: Requeue = { kind: 'retry' }
export const requeueAfter = (ms: number): Requeue => ({ kind: 'requeue-after', ms })
