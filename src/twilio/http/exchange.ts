import type { Dispatcher } from 'undici'
import type { Readable } from 'node:stream'
import { ConnectFailed } from './connection.ts'

/** One request, ready to be sent. */
export interface Request {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Path and query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly maxBytes: number
}

export interface TwilioAnswer {
  readonly status: number
  readonly header: (name: string) => string | undefined
  /** Undefined when it was not received whole, or was too long. */
  readonly body: string | undefined
}

/** How a request ended. `broken`: it may or may not have been processed. */
export type Exchange =
  | { readonly end: 'answered'; readonly answer: TwilioAnswer }
  | { readonly end: 'not-sent'; readonly cause: unknown }
  | { readonly end: 'broken'; readonly cause: unknown }

/** A read that nobody waits for any more. */
export interface GivenUp {
  readonly end: 'given-up'
}

/** Sends over a dispatcher and waits for the whole answer. Does not follow redirects; never rejects. */
export async function exchangeOver(
  dispatcher: Dispatcher,
  request: Request,
  signal: AbortSignal,
): Promise<Exchange> {
  try {
    const response = await Promise.race([send(dispatcher, request, signal), whenAborted(signal)])
    const body = await readBody(response.body, request.maxBytes)
    const header = headerOf(response.headers)
    return { end: 'answered', answer: { status: response.statusCode, header, body } }
  } catch (cause) {
    return { end: cause instanceof ConnectFailed ? 'not-sent' : 'broken', cause }
  }
}

function send(dispatcher: Dispatcher, request: Request, signal: AbortSignal) {
  const { method, path, headers, body } = request
  return dispatcher.request({ method, path, headers: { ...headers }, body: body ?? null, signal })
}

/** undici hears an abort only once it has begun to send; while it connects, this ends the exchange in its place. */
function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('given up'))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}

function headerOf(headers: Readonly<Record<string, string | string[] | undefined>>) {
  return (name: string): string | undefined => {
    const value = headers[name]
    return typeof value === 'string' ? value : value?.[0]
  }
}

/** The body as text; undefined when it breaks off or is longer than `maxBytes`: then nothing more is read of it. */
async function readBody(body: Readable, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of body) {
      if (!(chunk instanceof Uint8Array)) return undefined
      bytes += chunk.byteLength
      if (bytes > maxBytes) return undefined
      chunks.push(chunk)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(chunks).toString('utf8')
}
