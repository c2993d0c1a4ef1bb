import { channel } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import promises from 'node:timers/promises'

/**
 * Loaded before the operator: its clocks and timers can be turned on from outside, so that the default intervals pass in
 * seconds. Nothing of the operator is changed. Both clocks turn together; the API server's does not, so that what it has
 * dated looks older than it is.
 *
 * Each `POST /turn?ms=…` on the socket turns once nothing is asked of anybody any more, fires what is then due in the order
 * of its time, and answers when the event loop has come round.
 */
const folder = new URL(import.meta.url).searchParams.get('folder') ?? '.'

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  now: Date.now.bind(Date),
  monotonic: performance.now.bind(performance),
}

/** Milliseconds; a process that is started later begins where the others are. */
let turned = Number(readFileSync(join(folder, 'turned'), 'utf8'))

const now = (): number => real.monotonic() + turned
Object.assign(performance, { now })
Date.now = () => real.now() + Math.round(turned)

/** A timer by the turned clock; as much of Node's own as anybody here uses. */
class TurnedTimer {
  due = 0
  readonly #ms: number
  readonly #callback: () => void
  #armed: NodeJS.Timeout | undefined
  #counts = true

  constructor(callback: () => void, ms: number) {
    this.#callback = callback
    this.#ms = ms >= 1 ? ms : 1
    this.refresh()
  }

  refresh(): this {
    this.due = now() + this.#ms
    pending.add(this)
    this.arm()
    return this
  }

  arm(): void {
    if (this.#armed !== undefined) real.clearTimeout(this.#armed)
    this.#armed = real.setTimeout(() => this.fire(), Math.max(1, this.due - now()))
    if (!this.#counts) this.#armed.unref()
  }

  fire(): void {
    if (!pending.has(this)) return
    this.close()
    this.#callback()
  }

  close(): this {
    if (this.#armed !== undefined) real.clearTimeout(this.#armed)
    this.#armed = undefined
    pending.delete(this)
    return this
  }

  ref(): this {
    this.#counts = true
    this.#armed?.ref()
    return this
  }

  unref(): this {
    this.#counts = false
    this.#armed?.unref()
    return this
  }

  hasRef(): boolean {
    return this.#counts
  }
}

const pending = new Set<TurnedTimer>()

Object.assign(globalThis, {
  setTimeout: (callback: (...given: unknown[]) => void, ms = 1, ...given: unknown[]) =>
    new TurnedTimer(() => callback(...given), ms),
  clearTimeout: (timer: unknown) => {
    if (timer instanceof TurnedTimer) timer.close()
    else real.clearTimeout(timer as NodeJS.Timeout | undefined)
  },
})

Object.assign(promises, {
  setTimeout: (ms: number, value: unknown, { signal }: { signal?: AbortSignal } = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const give = (): void => reject(new DOMException('The operation was aborted', 'AbortError'))
      if (signal?.aborted === true) return give()
      const timer = new TurnedTimer(() => {
        signal?.removeEventListener('abort', giveUp)
        resolve(value)
      }, ms)
      const giveUp = (): void => {
        timer.close()
        give()
      }
      signal?.addEventListener('abort', giveUp, { once: true })
    }),
})
syncBuiltinESMExports()

/** Requests without an answer; a watch never has its whole answer. */
const asked = new Set<object>()
let lastAsked = real.monotonic()

interface Told {
  readonly request: { readonly path: string }
}
channel('undici:request:create').subscribe((message) => {
  const { request } = message as Told
  if (request.path.includes('watch=')) return
  asked.add(request)
  lastAsked = real.monotonic()
})
for (const end of ['undici:request:trailers', 'undici:request:error'])
  channel(end).subscribe((message) => {
    asked.delete((message as Told).request)
    lastAsked = real.monotonic()
  })

const comeRound = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const pause = (ms: number): Promise<void> => new Promise((resolve) => real.setTimeout(resolve, ms))

/** An answer that never comes is not waited for longer than this; milliseconds. */
const LONGEST_WAIT = 2_000

async function untilIdle(): Promise<void> {
  const end = real.monotonic() + LONGEST_WAIT
  for (let quiet = 0; quiet < 3 && real.monotonic() < end; quiet += 1) {
    await comeRound()
    if (asked.size === 0) continue
    quiet = -1
    await pause(2)
  }
}

async function turn(ms: number): Promise<void> {
  await untilIdle()
  turned += ms
  const due = [...pending].filter((timer) => timer.due <= now()).sort((a, b) => a.due - b.due)
  for (const timer of due) {
    timer.fire()
    await comeRound()
  }
  for (const timer of pending) timer.arm()
  await untilIdle()
}

const server = createServer((request, response) => {
  const ms = Number(new URL(request.url ?? '', 'http://clock').searchParams.get('ms'))
  void (ms > 0 ? turn(ms) : Promise.resolve()).then(() =>
    response.end(JSON.stringify({ idleFor: asked.size > 0 ? 0 : real.monotonic() - lastAsked })),
  )
})
server.listen(join(folder, `${process.pid}.sock`))
server.unref()
