import { KubernetesFailure } from '../../reconciler/ports.ts'
import { backoffMs } from '../../time/waiting.ts'
import { type Clock, pause } from '../../time/clock.ts'
import type { Slots } from '../../time/slots.ts'
import type { Connection } from '../client/connection.ts'
import { listPages, presentVersion } from './list-pages.ts'
import {
  BACKING_OFF,
  INITIAL,
  listWatchTroubleOf,
  transition,
  TROUBLE_MESSAGES,
  type Happening,
  type ListWatchState,
} from './list-watch-state.ts'
import type { WatchEventType } from './object-cache.ts'
import { versionOf } from './decode-object.ts'
import { readWatch } from './watch-events.ts'

type WriteLine = (fields: Readonly<Record<string, unknown>>, message: string) => void

/** Where list-watches log: a static message and fields, which never hold headers, bodies or values. */
export interface Log {
  readonly info: WriteLine
  readonly warn: WriteLine
  readonly error: WriteLine
}

/** Where a list-watch puts what it learns. Nothing here may throw. */
export interface ListWatchTarget {
  /** What came of an earlier LIST that was not completed counts no more. */
  listBegan(): void
  /** Some of what there is. */
  listedPage(objects: readonly unknown[]): void
  /** These were all pages. */
  listed(version: string): void
  /** False when `object` is none. */
  changed(type: WatchEventType, object: unknown): boolean
}

/** For `kube_watch_*`. MUST NOT throw. */
export interface ListWatchObserver {
  /** A LIST, event or bookmark came. */
  heard?(): void
  restarted?(reason: string): void
}

export interface ListWatchOptions {
  readonly connection: Connection
  /** All list-watches share them: there may be hundreds, which begin together and break together. */
  readonly lists: Slots
  /** Of the collection. */
  readonly path: string
  readonly target: ListWatchTarget
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly observer?: ListWatchObserver
  readonly timing?: Partial<ListWatchTiming>
}

export interface ListWatchTiming {
  /**
   * How long the API server is asked to let a watch last; up to a tenth more by chance. Short, so that a connection on
   * which nothing arrives any more is noticed within 30 seconds. Two seconds before the end the API server sends a
   * bookmark, unless versions have not moved since; then the next watch costs one LIST of one object more.
   */
  readonly watchSeconds: number
  /** How much longer than that silence is believed, in milliseconds. */
  readonly marginMs: number
  /** How long a watch may take to begin. */
  readonly openMs: number
  /** A watch that lasts less counts as a failure. */
  readonly shortMs: number
  /** Factor on the delays of backing off; tests make it small. */
  readonly backOffScale: number
}

const TIMING: ListWatchTiming = {
  watchSeconds: 20,
  marginMs: 3_000,
  openMs: 10_000,
  shortMs: 1_000,
  backOffScale: 1,
}

/**
 * Keeps `target` as the API server has the collection, until `signal` ends. Nothing else ends it: every failure
 * leads to another try, after 0.8 to 15 seconds. Never rejects.
 */
export async function runListWatch(options: ListWatchOptions, signal: AbortSignal): Promise<void> {
  const timing = { ...TIMING, ...options.timing }
  const tell = tellOfTrouble(options)
  let state: ListWatchState = INITIAL
  const note = (happening: Happening): void => {
    state = transition(state, happening)
    // What breaks because we stop is no failure.
    if (!signal.aborted) tell(happening)
  }
  while (!signal.aborted) note(await perform(state, { ...options, timing, signal, note }))
}

interface Work extends ListWatchOptions {
  readonly timing: ListWatchTiming
  readonly signal: AbortSignal
  /** Takes a happening in while the work goes on. */
  readonly note: (happening: Happening) => void
}

async function perform(state: ListWatchState, work: Work): Promise<Happening> {
  try {
    switch (state.kind) {
      case 'listing':
        return await list(work)
      case 'checking':
        return await check(state.version, work)
      case 'watching':
        return await watch(state.version, work)
      case 'backing-off':
        await pause(
          backoffMs(BACKING_OFF, state.failures, work.random()) * work.timing.backOffScale,
          work.signal,
        )
        return { kind: 'waited' }
    }
  } catch (error) {
    const problem = error instanceof KubernetesFailure ? error.message : undefined
    return { kind: 'failed', trouble: listWatchTroubleOf(error), ...(problem !== undefined && { problem }) }
  }
}

function list(work: Work): Promise<Happening> {
  const { target } = work
  return inTurn(work, async () => {
    target.listBegan()
    const version = await listPages(work, (objects) => target.listedPage(objects))
    target.listed(version)
    return { kind: 'listed', version }
  })
}

function check(version: string, work: Work): Promise<Happening> {
  return inTurn(work, async () => {
    const present = await presentVersion(work)
    return { kind: 'checked', isBehind: versionOf(present) < versionOf(version) }
  })
}

async function inTurn({ lists, signal }: Work, ask: () => Promise<Happening>): Promise<Happening> {
  const free = await lists.acquire(signal)
  try {
    return await ask()
  } finally {
    free()
  }
}

async function watch(version: string, work: Work): Promise<Happening> {
  const { timing, clock, random } = work
  const { openMs, marginMs } = timing
  const seconds = Math.round(timing.watchSeconds * (1 + 0.1 * random()))
  const began = clock.monotonic()
  let heard = false
  const silenceMs = seconds * 1000 + marginMs
  for await (const event of readWatch(work.connection, { ...work, version, seconds, openMs, silenceMs })) {
    if (event.kind === 'error') return { kind: 'failed', trouble: event.trouble }
    if (event.kind === 'change' && !work.target.changed(event.type, event.object)) {
      return { kind: 'failed', trouble: 'malformed' }
    }
    heard = true
    work.note({ kind: 'heard', version: event.version })
  }
  if (clock.monotonic() - began < timing.shortMs) return { kind: 'failed', trouble: 'short' }
  return { kind: 'ended', heard }
}

/** One log line when a problem begins or changes, one when it is over; a counter for each. */
function tellOfTrouble({ log, observer, path }: ListWatchOptions): (happening: Happening) => void {
  let told: string | undefined
  return (happening) => {
    if (happening.kind === 'listed' || happening.kind === 'heard') observer?.heard?.()
    if (happening.kind === 'ended') observer?.restarted?.('ended')
    if (told !== undefined && (happening.kind === 'heard' || happening.kind === 'ended')) {
      told = undefined
      log.info({ path }, 'The watch works again')
    }
    if (happening.kind !== 'failed') return
    const { trouble, problem } = happening
    observer?.restarted?.(trouble)
    if (told !== trouble) log.warn({ path, trouble, problem }, TROUBLE_MESSAGES[trouble])
    told = trouble
  }
}
