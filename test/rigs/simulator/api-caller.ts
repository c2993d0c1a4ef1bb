import { DEMO_ACCOUNT } from './accounts.ts'
import type { PageMeta } from './paging.ts'

/** What a test sends: a form (a value may repeat), or a body of its own, by default as the demo account. */
export interface Sending {
  readonly form?: Readonly<Record<string, string | readonly string[]>>
  readonly json?: unknown
  /** `user:password`; `null`: no Authorization header. */
  readonly as?: string | null
  readonly signal?: AbortSignal
}

/** Members of the answers, as the API describes them; a refusal has only those of an error. */
export interface ReceivedBody {
  readonly sid: string
  readonly account_sid: string
  readonly description: string
  readonly sink_type: string
  readonly sink_sid: string
  readonly sink_configuration: Readonly<Record<string, unknown>>
  /** A word in a sink, the HTTP status in a refusal. */
  readonly status: string | number
  readonly result: string
  readonly type: string
  readonly schema_version: number
  readonly date_updated: string
  readonly url: string
  readonly sinks: readonly ReceivedBody[]
  readonly subscriptions: readonly ReceivedBody[]
  readonly types: readonly ReceivedBody[]
  readonly meta: PageMeta
  readonly code?: number
  readonly message?: string
  readonly more_info?: string
}

export interface Received {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Empty where there is no body or it is not JSON. */
  readonly body: ReceivedBody
}

export type Caller = (method: string, path: string, sending?: Sending) => Promise<Received>

export const DEMO_CREDENTIAL = `${DEMO_ACCOUNT.sid}:${DEMO_ACCOUNT.authToken}`

/** Speaks to the API as bytes on a socket, without a client library between. Rejects when there is no answer. */
export function apiCaller(url: string): Caller {
  return async (method, path, sending = {}) => {
    const { as = DEMO_CREDENTIAL, signal = null } = sending
    const response = await fetch(path.startsWith('http') ? path : url + path, {
      method,
      signal,
      headers: {
        ...(as !== null && { Authorization: `Basic ${Buffer.from(as).toString('base64')}` }),
        ...(sending.json !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...bodyOf(sending),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: parsed(text) }
  }
}

function bodyOf({ form, json }: Sending): { body?: string | URLSearchParams } {
  if (json !== undefined) return { body: JSON.stringify(json) }
  if (!form) return {}
  const body = new URLSearchParams()
  for (const [name, value] of Object.entries(form)) [value].flat().forEach((text) => body.append(name, text))
  return { body }
}

function parsed(text: string): ReceivedBody {
  try {
    return JSON.parse(text) as ReceivedBody
  } catch {
    return {} as ReceivedBody
  }
}

export const webhookForm = {
  Description: 'Orders',
  SinkType: 'webhook',
  SinkConfiguration: JSON.stringify({ destination: 'https://warehouse.example.com/twilio' }),
}

export const kinesisForm = {
  Description: 'Orders to a stream',
  SinkType: 'kinesis',
  SinkConfiguration: JSON.stringify({
    arn: 'arn:aws:kinesis:us-east-1:111122223333:stream/orders',
    role_arn: 'arn:aws:iam::111122223333:role/writer',
    external_id: 'external-id-of-a-test',
  }),
}

export const segmentForm = {
  Description: 'Orders to Segment',
  SinkType: 'segment',
  SinkConfiguration: JSON.stringify({ write_key: 'write-key-of-a-test' }),
}

export function subscriptionForm(sinkSid: string, types = ['com.twilio.messaging.message.sent']) {
  const Types = types.map((type) => JSON.stringify({ type, schema_version: 1 }))
  return { Description: 'All messages', SinkSid: sinkSid, Types }
}
