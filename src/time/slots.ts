/** Gives the slot back; calling it again does nothing. */
export type FreeSlot = () => void

/** At most `limit` holders at a time; the longest waiting goes first. */
export class Slots {
  readonly #limit: number
  readonly #waiting = new Set<(free: FreeSlot) => void>()
  #taken = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** How many are taken. */
  get taken(): number {
    return this.#taken
  }

  /** Who comes now has to wait. */
  get isFull(): boolean {
    return this.#taken >= this.#limit
  }

  /** Waits in order of arrival. Rejects with the signal's reason when that comes first; then no slot is taken. */
  async acquire(signal: AbortSignal): Promise<FreeSlot> {
    if (signal.aborted) throw reasonOf(signal)
    if (this.isFull) return this.#wait(signal)
    this.#taken++
    return this.#free()
  }

  #wait(signal: AbortSignal): Promise<FreeSlot> {
    return new Promise((resolve, reject) => {
      const granted = (free: FreeSlot): void => {
        signal.removeEventListener('abort', abandoned)
        resolve(free)
      }
      const abandoned = (): void => {
        this.#waiting.delete(granted)
        reject(reasonOf(signal))
      }
      this.#waiting.add(granted)
      signal.addEventListener('abort', abandoned, { once: true })
    })
  }

  #free(): FreeSlot {
    let freed = false
    return () => {
      if (freed) return
      freed = true
      this.#passOn()
    }
  }

  /** A slot passes from its holder to the next in line without becoming free, so nobody can jump the queue. */
  #passOn(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#taken--
      return
    }
    this.#waiting.delete(next)
    next(this.#free())
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('Abandoned while waiting')
}
