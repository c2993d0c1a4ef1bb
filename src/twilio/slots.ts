/** Gives the slot back; calling it again does nothing. */
export type Release = () => void

export interface Slots {
  /** Waits in order of arrival. Rejects with the signal's reason when that comes first; then no slot is taken. */
  acquire(signal: AbortSignal): Promise<Release>
  /** How many are taken. */
  readonly taken: number
}

/** At most `limit` holders at a time; the longest waiting goes first. */
export function createSlots(limit: number): Slots {
  const waiting = new Set<(release: Release) => void>()
  let taken = 0

  /** A slot passes from its holder to the next in line without becoming free, so nobody can jump the queue. */
  function passOn(): void {
    const [next] = waiting
    if (next === undefined) {
      taken--
      return
    }
    waiting.delete(next)
    next(releaseOnce(passOn))
  }

  function wait(signal: AbortSignal): Promise<Release> {
    return new Promise((resolve, reject) => {
      const granted = (release: Release): void => {
        signal.removeEventListener('abort', abandoned)
        resolve(release)
      }
      const abandoned = (): void => {
        waiting.delete(granted)
        reject(reasonOf(signal))
      }
      waiting.add(granted)
      signal.addEventListener('abort', abandoned, { once: true })
    })
  }

  return {
    get taken() {
      return taken
    },
    async acquire(signal) {
      if (signal.aborted) throw reasonOf(signal)
      if (taken >= limit) return wait(signal)
      taken++
      return releaseOnce(passOn)
    },
  }
}

function releaseOnce(release: Release): Release {
  let released = false
  return () => {
    if (released) return
    released = true
    release()
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('Abandoned while waiting')
}
