/**
 * The closed list of ways in which a call at Twilio can end badly. Each kind carries its consequence, so that
 * nobody ever reads a message to decide. Source: Twilio's error dictionary and HTTP semantics (docs/errors.md).
 *
 * | kind         | what is certain                                                | consequence                       |
 * | ------------ | -------------------------------------------------------------- | --------------------------------- |
 * | not-sent     | the request never left                                         | again with backoff                |
 * | rate-limited | Twilio says that it did not process it (429)                   | again after `retryAfterMs`        |
 * | unauthorized | the credential is refused (401)                                | the account waits for its Secret  |
 * | forbidden    | the credential may not do this (403)                           | the account waits for a person    |
 * | not-found    | Twilio's own 404 (code 20404 or 91001)                         | one part of a proof of absence    |
 * | in-use       | a subscription uses the sink (91007)                           | wait for the subscription         |
 * | quota        | the account is full (91003)                                    | again slowly, or when there is room |
 * | refused      | the request itself is wrong (400, 422, 91000 ...)              | wait for a change                 |
 * | conflict     | the sink's state does not allow it now (409, 20409)            | again with backoff                |
 * | transient    | nothing: timeout, reset, 5xx, HTML, half an answer             | a write may have been processed   |
 */
export type FailureKind =
  | 'not-sent'
  | 'rate-limited'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'in-use'
  | 'quota'
  | 'refused'
  | 'conflict'
  | 'transient'

export interface FailureFacts {
  readonly kind: FailureKind
  /** Twilio's error code, e.g. 91007. */
  readonly code?: number | undefined
  /** HTTP status of the answer. */
  readonly status?: number | undefined
  /** What it means, in our own words: it may be shown to everybody. */
  readonly message: string
  /** Twilio's words, redacted and cut. Only for who may know the values of the sink: they may quote a part of one. */
  readonly words?: string | undefined
  /** Twilio's page about the code. */
  readonly moreInfo?: string | undefined
  /** `Twilio-Request-Id`, for Twilio's support. */
  readonly requestId?: string | undefined
  /** How long Twilio asks us to wait, in milliseconds, already capped. */
  readonly retryAfterMs?: number | undefined
  /** We gave it up, since the process ends: it says nothing about Twilio, and nobody is told of it. */
  readonly givenUp?: boolean | undefined
}

/** What every port to Twilio throws; secrets are redacted when it is made. */
export class TwilioFailure extends Error implements FailureFacts {
  readonly kind: FailureKind
  readonly code: number | undefined
  readonly status: number | undefined
  readonly words: string | undefined
  readonly moreInfo: string | undefined
  readonly requestId: string | undefined
  readonly retryAfterMs: number | undefined
  readonly givenUp: boolean | undefined

  constructor(facts: FailureFacts, cause?: unknown) {
    super(facts.message, cause === undefined ? undefined : { cause })
    this.name = 'TwilioFailure'
    this.kind = facts.kind
    this.code = facts.code
    this.status = facts.status
    this.words = facts.words
    this.moreInfo = facts.moreInfo
    this.requestId = facts.requestId
    this.retryAfterMs = facts.retryAfterMs
    this.givenUp = facts.givenUp
  }
}

/** Whether a write that ended so may nevertheless have taken effect. Only `transient` leaves a doubt. */
export const mayHaveBeenProcessed = (kind: FailureKind): boolean => kind === 'transient'
