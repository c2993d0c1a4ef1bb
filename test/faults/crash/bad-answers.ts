import type { RequestAction } from '../../rigs/proxy/rule.ts'
import { isKubernetes } from './fault.ts'

const HTML = '<!DOCTYPE html><html><body><h1>We will be right back</h1></body></html>'

const REASONS: Readonly<Record<string, string>> = {
  '409': 'Conflict',
  '410': 'Expired',
  '429': 'TooManyRequests',
  '500': 'InternalError',
  '503': 'ServiceUnavailable',
}
/** Twilio's error code beside each status. */
const CODES: Readonly<Record<string, number>> = { '409': 91007, '429': 20429, '500': 20500, '503': 20503 }

/** The answer that `fault` gives to a request of this name, as the server there would word it. */
export function badAnswer(fault: string, request: string): RequestAction {
  if (fault === 'html')
    return { kind: 'answer', status: 200, body: HTML, headers: { 'content-type': 'text/html' } }
  const status = Number(fault)
  const body = isKubernetes(request)
    ? {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        reason: REASONS[fault],
        code: status,
        message: 'injected',
      }
    : { code: CODES[fault], message: 'injected', more_info: '', status }
  return {
    kind: 'answer',
    status,
    body: JSON.stringify(body),
    ...(status === 429 && { headers: { 'retry-after': '1' } }),
  }
}
