import type { RawAnswer } from './delivery.ts'
import { codes, errorBody, moreInfo } from './errors.ts'
import type { Fault } from './faults.ts'

type AnswerFault = Extract<Fault, { kind: 'answer' }>

const usualCodes: Readonly<Record<number, number>> = {
  400: codes.badParameter,
  401: codes.unauthorized,
  403: 20403,
  404: codes.notFound,
  409: 20409,
  422: 20422,
  429: codes.tooManyRequests,
  503: codes.unavailable,
}

/** The answer that a rule of kind `answer` asks for. */
export function faultAnswer(fault: AnswerFault): RawAnswer {
  const { status, retryAfter } = fault
  const code = fault.code ?? usualCodes[status] ?? codes.serverError
  const headers = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }
  return { status, headers, ...bodies[fault.body](status, code) }
}

export const unavailable: RawAnswer = {
  status: 503,
  contentType: 'application/json; charset=utf-8',
  text: JSON.stringify(errorBody(503, codes.unavailable, 'Service unavailable')),
}

type Body = Pick<RawAnswer, 'contentType' | 'text'>

const bodies: Readonly<Record<AnswerFault['body'], (status: number, code: number) => Body>> = {
  classic: (status, code) => ({
    contentType: 'application/json; charset=utf-8',
    text: JSON.stringify(errorBody(status, code, 'A fault of the simulator')),
  }),
  html: (status) => ({
    contentType: 'text/html; charset=utf-8',
    text: `<!doctype html><html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`,
  }),
  rfc9457: (status, code) => ({
    contentType: 'application/problem+json',
    text: JSON.stringify({
      type: moreInfo(code),
      title: 'A fault of the simulator',
      status,
      code,
      detail: 'Asked for by a fault rule',
    }),
  }),
  empty: () => ({ contentType: 'application/json; charset=utf-8', text: '' }),
}
