/** Somebody wants the demo to end, as opposed to something that broke. */
export class Interruption extends Error {}

const PARENT_EVERY_MS = 500

/** Aborts when a signal comes, nobody reads any more, or npm is gone. */
export function endOnRequest(stop: AbortController): void {
  const end = (why: string): void => stop.abort(new Interruption(why))
  // Not `once`: an impatient second Ctrl-C must not end the demo before it has tidied up.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => end(`Ended by ${signal}`))
  // Such as by `| head`.
  process.stdout.on('error', () => end('Nobody reads any more'))
  // npm hands a signal on to its shell, which dies of it and tells nobody.
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const looking = setInterval(() => {
    if (process.ppid !== parent) end('Ended with npm')
  }, PARENT_EVERY_MS)
  looking.unref()
}
