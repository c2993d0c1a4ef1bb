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

/** A pause of all of an account's calls: Twilio limits the account, so one answer of 429 concerns every call. */
interface Pause {
  /** Milliseconds still to wait; 0 when there is no pause. */
  remainingMs(): number
  /** Extends the pause; never shortens it. */
  atLeast(milliseconds: number): void
}

export function createPause(monotonic: () => number): Pause {
  let until = Number.NEGATIVE_INFINITY
  return {
    remainingMs: () => Math.max(0, Math.ceil(until - monotonic())),
    atLeast(milliseconds) {
      until = Math.max(until, monotonic() + milliseconds)
    },
  }
}

/** What all connections to one account share, as far as it is known that it is one: Twilio counts by account. */
export interface AccountLimits {
  readonly slots: Slots
  readonly pause: Pause
}

/** Limits by group. They are a few numbers each and are kept as long as the process lives. */
export function createLimits(
  maxCallsPerAccount: number,
  monotonic: () => number,
): (group: string) => AccountLimits {
  const known = new Map<string, AccountLimits>()
  return (group) => {
    const before = known.get(group)
    if (before !== undefined) return before
    const limits = { slots: new Slots(maxCallsPerAccount), pause: createPause(monotonic) }
    known.set(group, limits)
    return limits
  }
}
