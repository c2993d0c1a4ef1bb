/** Twilio's error codes that the simulator answers itself (facts: the error dictionary). */
export const codes = {
  badParameter: 20001,
  unauthorized: 20003,
  methodNotAllowed: 20004,
  notFound: 20404,
  tooManyRequests: 20429,
  serverError: 20500,
  unavailable: 20503,
  notPermitted: 70051,
  sinkRefused: 91000,
  sinkNotFound: 91001,
  badPaging: 91002,
  limitReached: 91003,
  noTestEvent: 91004,
  wrongTestId: 91005,
  malformedSid: 91006,
  sinkInUse: 91007,
  sinkNotActive: 91100,
  subscriptionRefused: 91101,
  subscriptionNotFound: 91102,
  emptyTypes: 91103,
  unknownType: 91104,
} as const

/** The classic error body of Twilio. */
export interface ErrorBody {
  readonly code: number
  readonly message: string
  readonly more_info: string
  readonly status: number
}

/** A request that Twilio refuses; nothing was written. */
export class Refusal extends Error {
  readonly status: number
  readonly code: number

  constructor(status: number, code: number, message: string) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.code = code
  }
}

export function errorBody(status: number, code: number, message: string): ErrorBody {
  return { code, message, more_info: moreInfo(code), status }
}

export function moreInfo(code: number): string {
  return `https://www.twilio.com/docs/errors/${code}`
}
