/** Milliseconds since 1970; an argument, so that tests can hold time still. */
export type Clock = () => number

/** Resolves after the time, or never once the signal is aborted: what waits at a stopped server is dropped. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (ms <= 0) return resolve()
    runLater(ms, resolve, signal)
  })
}

/** Runs the task after the time, unless the signal is aborted first. */
export function runLater(ms: number, task: () => void, signal: AbortSignal): void {
  if (signal.aborted) return
  const cancel = (): void => clearTimeout(timer)
  const timer = setTimeout(() => {
    signal.removeEventListener('abort', cancel)
    task()
  }, ms)
  signal.addEventListener('abort', cancel, { once: true })
}
