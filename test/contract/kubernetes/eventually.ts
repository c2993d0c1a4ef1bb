/** Resolves with the first value of `look` that is neither undefined nor false; rejects after `ms` milliseconds. */
export async function eventually<T>(look: () => T | undefined | false, ms = 20_000): Promise<T> {
  const end = performance.now() + ms
  for (;;) {
    const value = look()
    if (value !== undefined && value !== false) return value
    if (performance.now() > end) throw new Error(`Not seen within ${ms} ms: ${look.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
