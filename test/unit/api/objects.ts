/** Plain manifests that the API server accepts; tests change one thing in them. */

export type ObjectUnderTest = {
  apiVersion: string
  kind: string
  metadata: Record<string, unknown>
  spec: Record<string, unknown>
  status?: Record<string, unknown>
}

const API_VERSION = 'events.twilio.com/v1alpha1'

export const STREAM_ARN = 'arn:aws:kinesis:us-east-1:123456789012:stream/orders'
export const ROLE_ARN = 'arn:aws:iam::123456789012:role/twilio-events'
export const SECRET_REF = { name: 'values', key: 'value' }
export const SINK_SID = `DG${'0'.repeat(31)}1`
export const OTHER_SINK_SID = `DG${'0'.repeat(31)}2`
export const VALID_ACCOUNT_SID = `AC${'0'.repeat(31)}1`
export const OTHER_ACCOUNT_SID = `AC${'0'.repeat(31)}2`

export const WEBHOOK = { webhook: { destination: 'https://hooks.example.com/twilio' } }
export const KINESIS = { kinesis: { arn: STREAM_ARN, roleArn: ROLE_ARN, externalId: 'external-id' } }
export const SEGMENT = { segment: { writeKey: 'write-key' } }

/** `spec` on top of a description; without one a webhook. */
export function sinkManifest(name: string, spec: Record<string, unknown> = WEBHOOK): ObjectUnderTest {
  return {
    apiVersion: API_VERSION,
    kind: 'Sink',
    metadata: { name },
    spec: { description: 'A test', ...spec },
  }
}

export function accountManifest(name: string, spec: Record<string, unknown> = {}): ObjectUnderTest {
  const required = { accountSid: VALID_ACCOUNT_SID, credentialsSecretRef: { name: 'twilio' } }
  return {
    apiVersion: API_VERSION,
    kind: 'TwilioAccount',
    metadata: { name },
    spec: { ...required, ...spec },
  }
}

/** As the API server would return it. */
export function stored(manifest: ObjectUnderTest): ObjectUnderTest {
  const metadata = {
    namespace: 'shop',
    uid: '7c1f9a1e-0000-4000-8000-000000000000',
    resourceVersion: '42',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...manifest.metadata,
  }
  return { ...manifest, metadata }
}
