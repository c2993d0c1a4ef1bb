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
import { createTransports, type ApiTransport } from './transport.ts'
import { parseBody, readValue } from './body.ts'

/** Called for each try, for `rest_client_*`. MUST NOT throw. */
export type CallObserver = (ended: {
  readonly method: Method
  readonly host: string
  /** HTTP status, or `<error>` without one. */
  readonly code: string
  readonly ms: number
}) => void

/**
 * Calls to one API server. Everything rejects with a `KubernetesFailure`, and nothing takes longer than its limits.
 * A 401 leads to one more try with credentials read anew.
 */
export interface Connection {
  /** The parsed body of a 2xx. */
  request(call: ApiCall): Promise<unknown>
  /** The bytes of a watch. Ends with an error when nothing comes for `silenceMs`; `timeoutMs` bounds the headers. */
  stream(call: ApiCall, silenceMs: number): Promise<AsyncIterable<unknown>>
  /** Cuts what is running. */
  close(): Promise<void>
}

export interface ConnectionOptions {
  readonly credentials: CredentialSource
  readonly clock: Clock
  readonly random: () => number
  readonly userAgent: string
  readonly connections?: number
  readonly observer?: CallObserver
}

const TIMEOUT_MS = 10_000

type Read = { readonly kind: 'read'; readonly value: unknown }
type Answered = {
  readonly kind: 'answered'
  readonly response: Dispatcher.ResponseData
  readonly transport: ApiTransport
}

export function createConnection(options: ConnectionOptions): Connection {
  const { clock, random, observer } = options
  const transports = createTransports({ ...options, connections: options.connections ?? 100 })

  const send = async (
    transport: ApiTransport,
    call: ApiCall,
    limits: Limits,
  ): Promise<Dispatcher.ResponseData> => {
    const began = clock.monotonic()
    const report = (code: string): void =>
      observer?.({
        method: call.method,
        host: new URL(transport.origin).host,
        code,
        ms: clock.monotonic() - began,
      })
    try {
      const response = await transport.dispatcher.request(
        requestOf(transport, call, limits, options.userAgent),
      )
      report(String(response.statusCode))
      return response
    } catch (error) {
      report('<error>')
      noteSilence(transport, call, error)
      throw error
    }
  }

  const noteSilence = (transport: ApiTransport, call: ApiCall, error: unknown): void => {
    if (isSilence(error) && call.signal?.aborted !== true) transports.abandon(transport)
  }

  /** One try, or two when the first finds the credentials refused. */
  const tryOnce = async (call: ApiCall, limits: Limits): Promise<Answered | FailedTry> => {
    let transport = await transports.current()
    let response = await send(transport, call, limits)
    if (response.statusCode === 401) {
      await response.body.dump()
      transport = await transports.replace(transport)
      response = await send(transport, call, limits)
    }
    if (response.statusCode < 300) return { kind: 'answered', response, transport }
    const failure = apiFailure(call, response.statusCode, await parseBody(response).catch(() => undefined))
    return { kind: 'failed', failure, retryAfterMs: retryAfter(response) }
  }

  const read = async (call: ApiCall, signal: AbortSignal): Promise<Read | FailedTry> => {
    const outcome = await tryOnce(call, { signal, headersMs: 0, silenceMs: 0 })
    if (outcome.kind === 'failed') return outcome
    const { response, transport } = outcome
    try {
      return { kind: 'read', value: await readValue(call, response) }
    } catch (error) {
      noteSilence(transport, call, error)
      throw error
    }
  }

  const request = async (call: ApiCall): Promise<unknown> => {
    for (let made = 1; ; made += 1) {
      const work = withDeadline(call.timeoutMs ?? TIMEOUT_MS, call.signal, (signal) => read(call, signal))
      const outcome = await work.catch((error: unknown) => withoutAnswer(call, error))
      if (outcome.kind === 'read') return outcome.value
      const wait = pauseBeforeAnother(call, outcome, made)
      if (wait === undefined) throw outcome.failure
      await pause(wait * (1 + 0.2 * random()), call.signal)
    }
  }

  const stream = async (call: ApiCall, silenceMs: number): Promise<AsyncIterable<unknown>> => {
    const limits = { signal: call.signal, headersMs: call.timeoutMs ?? TIMEOUT_MS, silenceMs }
    const outcome = await tryOnce(call, limits).catch((error: unknown) => withoutAnswer(call, error))
    if (outcome.kind === 'failed') throw outcome.failure
    return bytesOf(outcome, call)
  }

  async function* bytesOf({ response, transport }: Answered, call: ApiCall): AsyncGenerator<unknown> {
    try {
      yield* response.body
    } catch (error) {
      noteSilence(transport, call, error)
      throw error
    }
  }

  return { request, stream, close: () => transports.close() }
}

interface Limits {
  readonly signal: AbortSignal | undefined
  /** 0: no limit of its own. */
  readonly headersMs: number
  readonly silenceMs: number
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
