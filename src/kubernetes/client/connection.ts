import type { Dispatcher } from 'undici'
import { type Clock, pause } from '../../time/clock.ts'
import type { ApiCall, Method } from './call.ts'
import type { CredentialSource } from './credentials.ts'
import { withDeadline } from '../../time/deadline.ts'
import {
  apiFailure,
  apiFailureWithoutAnswer,
  isSilence,
  pauseBeforeAnother,
  type FailedTry,
} from './failure.ts'
import { Transports, type ApiTransport } from './transport.ts'
import { parseBody, readBody, type Body } from './body.ts'

/** Called for each try, for `rest_client_*`. MUST NOT throw. */
export type CallObserver = (ended: {
  readonly method: Method
  readonly host: string
  /** HTTP status, or `<error>` without one. */
  readonly code: string
  readonly ms: number
}) => void

export interface ConnectionOptions {
  readonly credentials: CredentialSource
  readonly clock: Clock
  readonly random: () => number
  readonly userAgent: string
  readonly connections?: number
  readonly observer?: CallObserver
}

const TIMEOUT_MS = 10_000

type Read = { readonly kind: 'read'; readonly body: Body }
type Answered = {
  readonly kind: 'answered'
  readonly response: Dispatcher.ResponseData
  readonly transport: ApiTransport
}

interface Limits {
  readonly signal: AbortSignal | undefined
  /** 0: no limit of its own. */
  readonly headersMs: number
  readonly silenceMs: number
}

/**
 * Calls to one API server. Everything rejects with a `KubernetesFailure`, and nothing takes longer than its limits.
 * A 401 leads to one more try with credentials read anew.
 */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #transports: Transports

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#transports = new Transports({ ...options, connections: options.connections ?? 100 })
  }

  /** The parsed body of a 2xx. */
  async request(call: ApiCall): Promise<unknown> {
    return (await this.requestMeasured(call)).value
  }

  /** The same, and how long it was. */
  async requestMeasured(call: ApiCall): Promise<Body> {
    for (let made = 1; ; made += 1) {
      const work = withDeadline(call.timeoutMs ?? TIMEOUT_MS, call.signal, (signal) =>
        this.#read(call, signal),
      )
      const outcome = await work.catch((error: unknown) => withoutAnswer(call, error))
      if (outcome.kind === 'read') return outcome.body
      const wait = pauseBeforeAnother(call, outcome, made)
      if (wait === undefined) throw outcome.failure
      await pause(wait * (1 + 0.2 * this.#options.random()), call.signal)
    }
  }

  /** The bytes of a watch. Ends with an error when nothing comes for `silenceMs`; `timeoutMs` bounds the headers. */
  async stream(call: ApiCall, silenceMs: number): Promise<AsyncIterable<unknown>> {
    const limits = { signal: call.signal, headersMs: call.timeoutMs ?? TIMEOUT_MS, silenceMs }
    const outcome = await this.#tryOnce(call, limits).catch((error: unknown) => withoutAnswer(call, error))
    if (outcome.kind === 'failed') throw outcome.failure
    return this.#bytesOf(outcome, call)
  }

  /** Cuts what is running. */
  close(): Promise<void> {
    return this.#transports.close()
  }

  async #read(call: ApiCall, signal: AbortSignal): Promise<Read | FailedTry> {
    const outcome = await this.#tryOnce(call, { signal, headersMs: 0, silenceMs: 0 })
    if (outcome.kind === 'failed') return outcome
    const { response, transport } = outcome
    try {
      return { kind: 'read', body: await readBody(call, response) }
    } catch (error) {
      this.#noteSilence(transport, call, error)
      throw error
    }
  }

  async *#bytesOf({ response, transport }: Answered, call: ApiCall): AsyncGenerator<unknown> {
    try {
      yield* response.body
    } catch (error) {
      this.#noteSilence(transport, call, error)
      throw error
    }
  }

  /** One try, or two when the first finds the credentials refused. */
  async #tryOnce(call: ApiCall, limits: Limits): Promise<Answered | FailedTry> {
    let transport = await this.#transports.current()
    let response = await this.#send(transport, call, limits)
    if (response.statusCode === 401) {
      await response.body.dump()
      transport = await this.#transports.replace(transport)
      response = await this.#send(transport, call, limits)
    }
    if (response.statusCode < 300) return { kind: 'answered', response, transport }
    const body = await parseBody(response).catch(() => undefined)
    const failure = apiFailure(call, response.statusCode, body?.value)
    return { kind: 'failed', failure, retryAfterMs: retryAfter(response) }
  }

  async #send(transport: ApiTransport, call: ApiCall, limits: Limits): Promise<Dispatcher.ResponseData> {
    const { clock, userAgent } = this.#options
    const began = clock.monotonic()
    try {
      const response = await transport.dispatcher.request(requestOf(transport, call, limits, userAgent))
      this.#report(transport, call, String(response.statusCode), began)
      return response
    } catch (error) {
      this.#report(transport, call, '<error>', began)
      this.#noteSilence(transport, call, error)
      throw error
    }
  }

  #report({ origin }: ApiTransport, { method }: ApiCall, code: string, began: number): void {
    const { clock, observer } = this.#options
    observer?.({ method, host: new URL(origin).host, code, ms: clock.monotonic() - began })
  }

  #noteSilence(transport: ApiTransport, call: ApiCall, error: unknown): void {
    if (isSilence(error) && call.signal?.aborted !== true) this.#transports.abandon(transport)
  }
}

function requestOf(
  { origin, prefix, headers }: ApiTransport,
  call: ApiCall,
  { signal, headersMs, silenceMs }: Limits,
  userAgent: string,
): Dispatcher.RequestOptions {
  const query = call.query === undefined ? '' : `?${new URLSearchParams(call.query).toString()}`
  const contentType =
    call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }
  return {
    origin,
    path: `${prefix}${call.path}${query}`,
    method: call.method,
    headers: { accept: 'application/json', 'user-agent': userAgent, ...contentType, ...headers },
    body: call.body === undefined ? null : JSON.stringify(call.body),
    headersTimeout: headersMs,
    bodyTimeout: silenceMs,
    ...(signal !== undefined && { signal }),
  }
}

const withoutAnswer = (call: ApiCall, error: unknown): FailedTry => ({
  kind: 'failed',
  failure: apiFailureWithoutAnswer(call, error),
})

function retryAfter({ headers }: Dispatcher.ResponseData): number | undefined {
  const seconds = Number(headers['retry-after'])
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined
}
