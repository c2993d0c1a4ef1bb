import { KubernetesFailure, type EventRecorder, type ObjectEvent } from '../../reconciler/ports.ts'
import { type Clock, pause, systemTimers } from '../../time/clock.ts'
import { within } from '../../time/deadline.ts'
import type { Connection } from '../client/connection.ts'
import { eventBody, eventName, seriesBody, type EventReporter } from './event-body.ts'
import { EventQueue } from './event-queue.ts'
import { EventSeries, type EventSending, TokenBuckets } from './event-series.ts'
import { FIELD_MANAGER, resourcePath, type ApiCall } from '../client/call.ts'

export interface EventRecorderOptions {
  readonly connection: Connection
  readonly clock: Clock
  readonly random: () => number
  readonly reporter: EventReporter
  /** Called for each event that is given up, e.g. `full`, `limited`, `refused`, `unavailable`. MUST NOT throw. */
  readonly dropped?: (reason: EventLoss) => void
  /** Events waiting at most. */
  readonly capacity?: number
  /** Milliseconds before each further try. */
  readonly retryMs?: readonly number[]
}

/** Why an event was given up. */
export type EventLoss = 'full' | 'limited' | 'refused' | 'unavailable'

interface Emitted {
  readonly sending: Exclude<EventSending, { readonly kind: 'none' }>
  /** Milliseconds since the epoch. */
  readonly at: number
}

const EVENTS = { group: 'events.k8s.io', version: 'v1', plural: 'events' }
const CAPACITY = 1000
/** Of one object: far more than its life needs, few enough that a flapping one fills no etcd. */
const PER_OBJECT = { burst: 25, refillMs: 60_000, maxKeys: 4096 }

/** Sends events one after the other in the background. */
export class SendingEventRecorder implements EventRecorder {
  readonly #options: EventRecorderOptions
  readonly #series = new EventSeries()
  readonly #buckets = new TokenBuckets(PER_OBJECT)
  readonly #waiting: EventQueue<Emitted>
  #sending: Promise<void> | undefined

  constructor(options: EventRecorderOptions) {
    this.#options = options
    this.#waiting = new EventQueue(options.capacity ?? CAPACITY)
  }

  emit(event: ObjectEvent): void {
    const { clock, random, dropped } = this.#options
    const now = clock.monotonic()
    const next = this.#series.next(event, now, eventName(event, suffix(clock.now(), random())))
    if (next.kind === 'none') return
    if (!this.#buckets.take(event.uid, now)) {
      if (next.kind === 'create') this.#series.forget(event)
      dropped?.('limited')
      return
    }
    const lost = this.#waiting.push(event.namespace, { sending: next, at: clock.now() })
    if (lost !== undefined) this.#giveUp(lost, 'full')
    this.#sending ??= this.#drain()
  }

  /** Waits until all that was emitted is sent or dropped, `ms` milliseconds at most. Never rejects. */
  async flush(ms: number): Promise<void> {
    await within(ms, systemTimers, Promise.resolve(this.#sending), () => undefined)
  }

  async #drain(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
      await this.#send(next)
    this.#sending = undefined
  }

  async #send(emitted: Emitted): Promise<void> {
    const { connection, reporter, retryMs } = this.#options
    const loss = await sendWithRetries(connection, callFor(emitted, reporter), retryMs)
    if (loss !== undefined) this.#giveUp(emitted, loss)
  }

  #giveUp({ sending }: Emitted, loss: EventLoss): void {
    // A series without its first event cannot go on.
    this.#series.forget(sending.event)
    this.#options.dropped?.(loss)
  }
}

const suffix = (now: number, random: number): string =>
  `${now.toString(16)}${Math.floor(random * 0x1_00_00_00)
    .toString(16)
    .padStart(6, '0')}`

function callFor({ sending, at }: Emitted, reporter: EventReporter): ApiCall {
  const { event, name } = sending
  if (sending.kind === 'create') {
    const body = eventBody(event, name, at, reporter)
    return { method: 'POST', path: resourcePath(EVENTS, event.namespace), query: FIELD_MANAGER, body }
  }
  return {
    method: 'PATCH',
    path: resourcePath(EVENTS, event.namespace, name),
    query: FIELD_MANAGER,
    body: seriesBody(sending.count, at),
    contentType: 'application/merge-patch+json',
  }
}

const RETRY_MS = [500, 2_000, 8_000]

async function sendWithRetries(
  connection: Connection,
  call: ApiCall,
  retryMs: readonly number[] = RETRY_MS,
): Promise<EventLoss | undefined> {
  for (const wait of [...retryMs, undefined]) {
    const loss = await connection.request(call).then(() => undefined, lossOf)
    if (loss !== 'unavailable' || wait === undefined) return loss
    await pause(wait)
  }
  return 'unavailable'
}

/** 403 and 404 are a namespace that is being deleted, 409 an event that is there, 422 one that nobody will take. */
function lossOf(error: unknown): EventLoss | undefined {
  if (!(error instanceof KubernetesFailure)) return 'refused'
  if (error.kind === 'conflict') return undefined
  return error.kind === 'unavailable' ? 'unavailable' : 'refused'
}
