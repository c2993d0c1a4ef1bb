/** Runs `work` with a signal that ends after `ms` milliseconds or with `outer`. */
export async function withDeadline<T>(
  ms: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController()
  const stop = (): void => {
    deadline.abort()
  }
  const timer = setTimeout(stop, ms)
  outer?.addEventListener('abort', stop)
  if (outer?.aborted === true) stop()
  try {
    return await work(deadline.signal)
  } finally {
    clearTimeout(timer)
    outer?.removeEventListener('abort', stop)
  }
}

/** The call took longer than it may, in all: connecting, headers and body. */
class DeadlinePassed extends Error {
  readonly code = 'CALL_TIMEOUT'
  constructor(milliseconds: number) {
    super(`no complete answer within ${milliseconds} ms`)
    this.name = 'DeadlinePassed'
  }
}

interface Deadline {
  /** Aborted with `DeadlinePassed`, or earlier by a caller that gives up. */
  readonly controller: AbortController
  /** MUST be called when the call has ended. */
  clear(): void
}

export function createDeadline(milliseconds: number): Deadline {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new DeadlinePassed(milliseconds)), milliseconds)
  return { controller, clear: () => clearTimeout(timer) }
}
