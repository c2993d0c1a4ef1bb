import type { Clock, Timers } from '../time/clock.ts'
import { within } from '../time/deadline.ts'
import type { WorkQueue } from './work-queue.ts'

/** What a reconcile says about the next one of its key. Changes of the object bring it back in any case. */
export type ReconcileResult =
  /** No timer. */
  | { readonly kind: 'change' }
  /** In `ms` milliseconds at the latest. */
  | { readonly kind: 'after'; readonly ms: number }
  /** There is more to do at once. */
  | { readonly kind: 'now' }
  /** It failed in a way that may pass: again after a growing delay. */
  | { readonly kind: 'retry' }

/** How a reconcile ended, in the words of `controller_runtime_reconcile_total`. */
export type ResultLabel = 'success' | 'error' | 'requeue' | 'requeue_after'

/** Called at each step, for metrics and logs. MUST NOT throw. */
export interface ControllerObserver {
  reconcileStarted?(key: string): void
  reconcileEnded?(key: string, result: ResultLabel, ms: number): void
  /** A reconcile threw, which is a defect of ours: it is isolated, and the key is retried. */
  reconcileThrew?(key: string, error: unknown): void
  /** A reconcile has been running for longer than `reconcileTimeoutMs`. It goes on. */
  reconcileOverdue?(key: string): void
}

export interface ControllerOptions {
  readonly queue: WorkQueue
  /** One reconcile. `signal` ends when the controller is asked to stop: finish what must not be left half done. */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<ReconcileResult>
  /** How many reconciles run at a time. */
  readonly concurrency: number
  /** After so many milliseconds a reconcile is reported as overdue. */
  readonly reconcileTimeoutMs: number
  /** How long running reconciles may go on after the end of the signal, in milliseconds. */
  readonly drainMs: number
  readonly clock: Clock
  readonly timers: Timers
  readonly observer?: ControllerObserver
}

export interface Controller {
  /**
   * Works until `signal` ends, then resolves when the running reconciles have ended, or `drainMs` later with the keys
   * of those that have not. Never rejects.
   */
  start(signal: AbortSignal): Promise<{ readonly unfinished: readonly string[] }>
}

export function createController(options: ControllerOptions): Controller {
  const { queue, clock, timers, observer } = options
  const running = new Set<string>()

  /** By key, how many reconciles in a row wanted another one at once. */
  const atOnce = new Map<string, number>()

  /**
   * Something that undoes each step of a reconcile, perhaps an admission webhook, would make its key reconcile for ever.
   */
  const unlessEndless = (key: string, next: ReconcileResult): ReconcileResult => {
    const inRow = (atOnce.get(key) ?? 0) + 1
    if (next.kind === 'now') atOnce.set(key, inRow)
    else if (next.kind !== 'retry') atOnce.delete(key)
    return next.kind === 'now' && inRow > MOST_AT_ONCE ? { kind: 'retry' } : next
  }

  const outcome = async (key: string, signal: AbortSignal): Promise<ReconcileResult> => {
    try {
      return await options.reconcile(key, signal)
    } catch (error) {
      observer?.reconcileThrew?.(key, error)
      return { kind: 'retry' }
    }
  }

  const reconcileKey = async (key: string, signal: AbortSignal): Promise<void> => {
    const began = clock.monotonic()
    running.add(key)
    observer?.reconcileStarted?.(key)
    const cancel = timers.after(options.reconcileTimeoutMs, () => observer?.reconcileOverdue?.(key))
    const next = await outcome(key, signal)
    cancel()
    const bounded = unlessEndless(key, next)
    observer?.reconcileEnded?.(key, RESULTS[bounded.kind], clock.monotonic() - began)
    enqueue(queue, key, bounded)
    queue.done(key)
    running.delete(key)
  }

  const work = async (signal: AbortSignal): Promise<void> => {
    for (let key = await queue.next(); key !== undefined; key = await queue.next())
      await reconcileKey(key, signal)
  }

  return {
    start: async (signal) => {
      const workers = Array.from({ length: options.concurrency }, () => work(signal))
      await ended(signal)
      queue.shutDown()
      await within(options.drainMs, timers, Promise.all(workers), () => undefined)
      return { unfinished: [...running] }
    },
  }
}

/** A Sink that is imported, marked, recorded and corrected takes half as many, with a conflict or two. */
const MOST_AT_ONCE = 12

const RESULTS: Readonly<Record<ReconcileResult['kind'], ResultLabel>> = {
  change: 'success',
  after: 'requeue_after',
  now: 'requeue',
  retry: 'error',
}

/** The one place where the result of a reconcile becomes an operation of the queue. */
function enqueue(queue: WorkQueue, key: string, next: ReconcileResult): void {
  if (next.kind === 'retry') {
    queue.retry(key)
    return
  }
  queue.forget(key)
  if (next.kind === 'after') queue.addAfter(key, next.ms)
  if (next.kind === 'now') queue.again(key)
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else {
      signal.addEventListener(
        'abort',
        () => {
          resolve()
        },
        { once: true },
      )
    }
  })
}
