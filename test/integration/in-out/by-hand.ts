import type { Stage } from '../operator/stage.ts'

/** What a team has made at Twilio before it knew of the operator. */

const destination = 'https://warehouse.example.com/twilio'
const ARNS = {
  arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/orders',
  role_arn: 'arn:aws:iam::123456789012:role/twilio-events',
}

export const SECRETS = ['Geheim-password', 'Geheim-token', 'Geheim-external-id', 'Geheim-write-key'] as const
const [password, token, externalId, writeKey] = SECRETS

export interface ByHand {
  readonly type: string
  readonly description: string
  readonly configuration: Readonly<Record<string, unknown>>
}

export const BY_HAND: readonly ByHand[] = [
  { type: 'webhook', description: 'Orders for the warehouse', configuration: { destination } },
  { type: 'webhook', description: ' Orders for the Warehouse! ', configuration: { destination } },
  {
    type: 'webhook',
    description: 'Calls, with a password',
    configuration: {
      destination: `https://twilio:${password}@calls.example.com/events`,
      method: 'GET',
      batch_events: true,
    },
  },
  {
    type: 'webhook',
    description: 'Größe: 日本',
    configuration: { destination: `https://hooks.example.com/twilio?token=${token}` },
  },
  { type: 'webhook', description: '日本', configuration: { destination: 'http://10.0.0.7:8080/twilio' } },
  { type: 'kinesis', description: 'Stream', configuration: { ...ARNS, external_id: externalId } },
  { type: 'segment', description: 'Segment', configuration: { write_key: writeKey } },
]

/** What a Sink cannot say word by word. */
export const ODD: readonly ByHand[] = [
  { type: 'webhook', description: 'x'.repeat(250), configuration: { destination } },
  { type: 'webhook', description: 'Odd [k8s:nothing', configuration: { destination } },
]

/** Resolves with the SIDs. */
export async function makeByHand(
  { simulator, accountSid, token: authToken }: Pick<Stage, 'simulator' | 'accountSid' | 'token'>,
  sinks: readonly ByHand[],
): Promise<string[]> {
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`
  const sids: string[] = []
  for (const { type, description, configuration } of sinks) {
    const response = await fetch(`${simulator.url}/v1/Sinks`, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams({
        Description: description,
        SinkType: type,
        SinkConfiguration: JSON.stringify(configuration),
      }),
    })
    const { sid } = (await response.json()) as { sid?: string }
    if (sid === undefined) throw new Error(`Not made: ${response.status}`)
    sids.push(sid)
  }
  return sids
}
