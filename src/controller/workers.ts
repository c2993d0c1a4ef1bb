import { AsyncLocalStorage } from 'node:async_hooks'

/** Takes the worker again; calling it again does nothing. */
export type TakeWorker = () => void

/** The worker of one reconcile. */
class Worker {
  readonly #count: (change: 1 | -1) => void
  #held = true
  #ended = false

  constructor(count: (change: 1 | -1) => void) {
    this.#count = count
    count(1)
  }

  /** Also of a reconcile that waits for two things at a time: it goes on with the first of them. */
  giveBack(): TakeWorker {
    this.#hold(false)
    return () => this.#hold(true)
  }

  end(): void {
    this.#hold(false)
    this.#ended = true
  }

  #hold(held: boolean): void {
    if (this.#ended || this.#held === held) return
    this.#held = held
    this.#count(held ? 1 : -1)
  }
}

/** Of the reconcile that the code runs in, wherever it was called from. */
const PRESENT = new AsyncLocalStorage<Worker>()

/**
 * The reconcile that calls this only waits from now on, until it takes its worker again; another one may begin meanwhile.
 * Outside of a reconcile it does nothing.
 */
export const giveWorkerBack = (): TakeWorker => PRESENT.getStore()?.giveBack() ?? (() => undefined)

/** Waits without a worker. */
export async function withoutWorker<T>(wait: () => Promise<T>): Promise<T> {
  const takeAgain = giveWorkerBack()
  try {
    return await wait()
  } finally {
    takeAgain()
  }
}

/**
 * So many reconciles run at a time. One that waits for a call slot of its account, for the end of its pause, or for
 * another reconcile, has no worker: else a few accounts that Twilio throttles would stop all others.
 *
 * Guarantee: a worker is taken again at once. So nothing comes between two steps of a reconcile that was not there before,
 * and one that holds what others wait for always goes on. For this more than `limit` may run for a moment; then none
 * begins.
 */
export class Workers {
  readonly #limit: number
  readonly #changed: (busy: number) => void
  #busy = 0
  #freed: (() => void) | undefined

  constructor(limit: number, changed: (busy: number) => void) {
    this.#limit = limit
    this.#changed = changed
  }

  /** Resolves when another reconcile may begin. For one caller at a time. */
  async free(): Promise<void> {
    while (this.#busy >= this.#limit) {
      const freed = Promise.withResolvers<void>()
      this.#freed = freed.resolve
      await freed.promise
    }
  }

  async run(work: () => Promise<void>): Promise<void> {
    const worker = new Worker((change) => this.#count(change))
    try {
      await PRESENT.run(worker, work)
    } finally {
      worker.end()
    }
  }

  #count(change: 1 | -1): void {
    this.#busy += change
    this.#changed(this.#busy)
    if (this.#busy < this.#limit) this.#freed?.()
  }
}
