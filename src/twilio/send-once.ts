import type { TwilioFailure } from '../external/failure.ts'
import { isPast, type Clock } from '../time/clock.ts'
import type { Credential } from '../reconciler/ports.ts'
import type { TwilioAnswer, Exchange, GivenUp, Request } from './http/exchange.ts'
import {
  failureOfAnswer,
  failureWithoutAnswer,
  givenUp,
  notSent,
  requestIdOf,
  unreadableAnswer,
} from './failures.ts'
import type { InFlight, ObserveCall } from './call-observer.ts'
import { createRedaction, type Redact } from '../api/redaction.ts'
import { basicAuthorization, secretsOfCredential } from './secrets.ts'
import type { Transport } from './http/transport.ts'
import type { TwilioCall } from './operations.ts'

/** How one request of a call ended. */
export type SendOutcome<T> =
  | { readonly ok: true; readonly value: T; readonly answer: TwilioAnswer }
  | { readonly ok: false; readonly failure: TwilioFailure }

export interface SenderParts {
  /** Name under which the requests are counted. */
  readonly account: string
  readonly credential: Credential
  readonly transport: Transport
  readonly userAgent: string
  readonly clock: Clock
  readonly mayMutate: () => boolean
  readonly observe: ObserveCall
  readonly inFlight: InFlight
}

/** Sends a call once and says how that ended; never rejects. */
export type SendOnce = <T>(call: TwilioCall<T>) => Promise<SendOutcome<T>>

export function createSendOnce(parts: SenderParts): SendOnce {
  const { account, clock, transport, inFlight } = parts

  /** Right before the send: leadership may be gone by now, and what led to the change may be too long ago. */
  function begin(call: TwilioCall<unknown>): void {
    if (!parts.mayMutate()) throw notSent('This process may not change anything now')
    if (call.notAfter !== undefined && isPast(call.notAfter, clock)) throw notSent('It is too late to send')
  }

  async function exchange(call: TwilioCall<unknown>): Promise<Exchange | GivenUp> {
    const request = requestOf(call, parts)
    inFlight.began(account)
    try {
      if (!call.operation.mutates) return await transport.read(request, call.lasting)
      return await transport.write(request, () => begin(call))
    } finally {
      inFlight.ended(account)
    }
  }

  return async (call) => {
    const began = clock.monotonic()
    const ended = await exchange(call)
    const outcome = outcomeOf(call, ended, { redact: redactionFor(call, parts.credential), now: clock.now() })
    const durationMs = clock.monotonic() - began
    parts.observe({ account, operation: call.operation.name, durationMs, ...factsOf(outcome) })
    return outcome
  }
}

function requestOf(call: TwilioCall<unknown>, parts: SenderParts): Request {
  const { method, maxBytes } = call.operation
  const headers = {
    accept: 'application/json',
    authorization: basicAuthorization(parts.credential),
    'user-agent': parts.userAgent,
    ...(call.form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
  }
  return { method, path: call.path, headers, body: call.form, maxBytes }
}

/** Made only when something has to be redacted. */
function redactionFor(call: TwilioCall<unknown>, credential: Credential): Redact {
  return (text) => createRedaction([...secretsOfCredential(credential), ...(call.secrets?.() ?? [])])(text)
}

function outcomeOf<T>(
  call: TwilioCall<T>,
  ended: Exchange | GivenUp,
  { redact, now }: { readonly redact: Redact; readonly now: number },
): SendOutcome<T> {
  if (ended.end === 'given-up') return { ok: false, failure: givenUp() }
  if (ended.end !== 'answered') {
    const kind = ended.end === 'not-sent' ? 'not-sent' : 'transient'
    return { ok: false, failure: failureWithoutAnswer(kind, ended.cause, redact) }
  }
  const { answer } = ended
  const success = call.operation.success.includes(answer.status)
  if (!success) return { ok: false, failure: failureOfAnswer(answer, redact, now) }
  const reading = call.read(answer.body)
  if (!reading.readable) return { ok: false, failure: unreadableAnswer(answer, reading.problem) }
  return { ok: true, value: reading.value, answer }
}

function factsOf(outcome: SendOutcome<unknown>) {
  if (outcome.ok) {
    return { status: outcome.answer.status, requestId: requestIdOf(outcome.answer), throttled: false }
  }
  const { status, code, kind, requestId } = outcome.failure
  return { status, code, kind, requestId, throttled: kind === 'rate-limited' }
}
