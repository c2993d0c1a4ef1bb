import { systemTimers, type Timers } from './clock.ts'

/** Runs `work` with a signal that ends after `ms` milliseconds, with `late()` as its reason, or with `outer`. */
export async function withDeadline<T>(
  ms: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
  late?: () => Error,
): Promise<T> {
  const deadline = new AbortController()
  const cancel = systemTimers.after(ms, () => deadline.abort(late?.()))
  const stop = (): void => deadline.abort(outer?.reason)
  outer?.addEventListener('abort', stop)
  if (outer?.aborted === true) stop()
  try {
    return await work(deadline.signal)
  } finally {
    cancel()
    outer?.removeEventListener('abort', stop)
  }
}

/** Ends as `work` does, or as `late` does after `ms` milliseconds; the work itself goes on then. */
export async function within<T, L>(
  ms: number,
  timers: Timers,
  work: Promise<T>,
  late: () => L,
): Promise<T | L> {
  const over = Promise.withResolvers<void>()
  const cancel = timers.after(ms, over.resolve)
  try {
    return await Promise.race([work, over.promise.then(late)])
  } finally {
    cancel()
  }
}
