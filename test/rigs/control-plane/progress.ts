/** Takes one line for people, without its line end. */
export type Say = (line: string) => void

export const sayOnStderr: Say = (line) => {
  process.stderr.write(`${line}\n`)
}

/** While `work` runs, says every ten seconds how long it has taken, and `more`; at its end says how long it took in all. */
export async function withProgress<T>(
  what: string,
  say: Say,
  work: () => Promise<T>,
  more: () => string = () => '',
): Promise<T> {
  const started = performance.now()
  const seconds = (): string => `${Math.round((performance.now() - started) / 1000)} s`
  const ticking = setInterval(() => say(`${what}: ${seconds()} so far${more()}`), 10_000)
  try {
    const result = await work()
    say(`${what}: done in ${seconds()}`)
    return result
  } finally {
    clearInterval(ticking)
  }
}
