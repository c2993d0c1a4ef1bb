import type { Clock, Timers } from '../time/clock.ts'
import { within } from '../time/deadline.ts'
import { aborted } from '../time/waiting.ts'
import type { WorkQueue } from './work-queue.ts'
import { Workers } from './workers.ts'

/** What a reconcile says about the next one of its key. Changes of the object bring it back in any case. */
export type ReconcileResult = NextReconcile & {
  /** Something has failed, though the next reconcile does not wait for a growing delay: it is counted as an error. */
  readonly error?: true
}

type NextReconcile =
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
  reconcileEnded?(key: string, result: ResultLabel, ms: number): void
  /** A reconcile threw, which is a defect of ours: it is isolated, and the key is retried. */
  reconcileThrew?(key: string, error: unknown): void
  /** A reconcile has been running for longer than `reconcileTimeoutMs`. It goes on. */
  reconcileOverdue?(key: string): void
  /** So many workers are busy now: reconciles that run and do not only wait. */
  workersBusy?(busy: number): void
}

export interface ControllerOptions {
  readonly queue: WorkQueue
  /** One reconcile. `signal` ends when the controller is asked to stop: finish what must not be left half done. */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<ReconcileResult>
  /** How many reconciles run at a time, apart from those that wait without a worker (`workers.ts`). */
  readonly concurrency: number
  /** After so many milliseconds a reconcile is reported as overdue. */
  readonly reconcileTimeoutMs: number
  /** How long running reconciles may go on after the end of the signal, in milliseconds. */
  readonly drainMs: number
  readonly clock: Clock
  readonly timers: Timers
  readonly observer?: ControllerObserver
}

/** A Sink that is imported, marked, recorded and corrected takes half as many, with a conflict or two. */
const MOST_AT_ONCE = 12

/** Empties a queue. */
export class Controller {
  readonly #options: ControllerOptions
  readonly #workers: Workers
  readonly #running = new Set<string>()
  /** By key, how many reconciles in a row wanted another one at once. */
  readonly #atOnce = new Map<string, number>()

  constructor(options: ControllerOptions) {
    this.#options = options
    this.#workers = new Workers(options.concurrency, (busy) => options.observer?.workersBusy?.(busy))
  }

  /**
   * Works until `signal` ends, then resolves when the running reconciles have ended, or `drainMs` later with the keys
   * of those that have not. Never rejects.
   */
  async start(signal: AbortSignal): Promise<{ readonly unfinished: readonly string[] }> {
    const { queue, drainMs, timers } = this.#options
    const work = this.#work(signal)
    await aborted(signal)
    queue.shutDown()
    await within(drainMs, timers, work, () => undefined)
    return { unfinished: [...this.#running] }
  }

  async #work(signal: AbortSignal): Promise<void> {
    const reconciles = new Set<Promise<void>>()
    for (let key = await this.#nextKey(); key !== undefined; key = await this.#nextKey()) {
      const begun = key
      const reconcile = this.#workers.run(() => this.#reconcileKey(begun, signal))
      reconciles.add(reconcile)
      void reconcile.then(() => reconciles.delete(reconcile))
    }
    await Promise.all(reconciles)
  }

  async #nextKey(): Promise<string | undefined> {
    await this.#workers.free()
    return this.#options.queue.next()
  }

  async #reconcileKey(key: string, signal: AbortSignal): Promise<void> {
    const { queue, clock, timers, observer, reconcileTimeoutMs } = this.#options
    const began = clock.monotonic()
    this.#running.add(key)
    const cancel = timers.after(reconcileTimeoutMs, () => observer?.reconcileOverdue?.(key))
    const result = this.#unlessEndless(key, await this.#resultOf(key, signal))
    cancel()
    observer?.reconcileEnded?.(key, labelOf(result), clock.monotonic() - began)
    enqueue(queue, key, result)
    queue.done(key)
    this.#running.delete(key)
  }

  async #resultOf(key: string, signal: AbortSignal): Promise<ReconcileResult> {
    try {
      return await this.#options.reconcile(key, signal)
    } catch (error) {
      this.#options.observer?.reconcileThrew?.(key, error)
      return { kind: 'retry' }
    }
  }

  /**
   * Something that undoes each step of a reconcile, perhaps an admission webhook, would make its key reconcile for ever.
   */
  #unlessEndless(key: string, result: ReconcileResult): ReconcileResult {
    const inRow = (this.#atOnce.get(key) ?? 0) + 1
    if (result.kind === 'now') this.#atOnce.set(key, inRow)
    else if (result.kind !== 'retry') this.#atOnce.delete(key)
    return result.kind === 'now' && inRow > MOST_AT_ONCE ? { kind: 'retry' } : result
  }
}

const RESULTS: Readonly<Record<ReconcileResult['kind'], ResultLabel>> = {
  change: 'success',
  after: 'requeue_after',
  now: 'requeue',
  retry: 'error',
}

const labelOf = ({ kind, error }: ReconcileResult): ResultLabel => (error === true ? 'error' : RESULTS[kind])

/** The one place where the result of a reconcile becomes an operation of the queue. */
function enqueue(queue: WorkQueue, key: string, result: ReconcileResult): void {
  if (result.kind === 'retry') {
    queue.retry(key)
    return
  }
  queue.forget(key)
  if (result.kind === 'after') queue.addAfter(key, result.ms)
  if (result.kind === 'now') queue.again(key)
}
