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
