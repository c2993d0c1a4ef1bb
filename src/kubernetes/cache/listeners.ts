import type { Log } from './list-watch.ts'

export interface Listeners<A extends unknown[]> {
  readonly add: (listener: (...told: A) => void) => () => void
  readonly tell: (...told: A) => void
}

/** One listener that throws does not keep the others from hearing. */
export function createListeners<A extends unknown[]>(log: Log): Listeners<A> {
  const listeners = new Set<(...told: A) => void>()
  return {
    add: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    tell: (...told) => {
      for (const listener of listeners) isolated(log, () => listener(...told))
    },
  }
}

function isolated(log: Log, work: () => void): void {
  try {
    work()
  } catch (error) {
    log.error({ err: error }, 'A listener of object changes threw')
  }
}
