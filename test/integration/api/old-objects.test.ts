import { dump } from 'js-yaml'
import { beforeAll, expect, test, vi } from 'vitest'
import { customResourceDefinition, type Kind } from '../../../src/api/crd/crd.ts'
import { SINK_KIND } from '../../../src/api/crd/custom-resources.ts'
import { FINALIZER } from '../../../src/api/group.ts'
import { sharedCluster } from '../../rigs/control-plane/shared-cluster.ts'
import { VALID_ACCOUNT_SID, OTHER_SINK_SID, SEGMENT, SINK_SID, WEBHOOK } from '../../unit/api/objects.ts'

/**
 * Objects that were stored when the CRD demanded less. They are of a kind of their own with the schema of Sink,
 * so that the Sinks of other tests never see a loose CRD.
 */
const { kubectl } = sharedCluster()
const NAMESPACE = 'old-objects'
const OLD: Kind = { ...SINK_KIND, kind: 'OldSink', plural: 'oldsinks' }

const LOOSE_AWAY = new Set(['x-kubernetes-validations', 'enum', 'maxLength', 'maxItems'])

function loosened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(loosened)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([keyword]) => !LOOSE_AWAY.has(keyword))
  return Object.fromEntries(kept.map(([keyword, part]) => [keyword, loosened(part)]))
}

const VIOLATIONS: [name: string, spec: Record<string, unknown>][] = [
  ['no-type', {}],
  ['two-types', { ...WEBHOOK, ...SEGMENT }],
  ['private-destination', { webhook: { destination: 'https://10.0.0.1' } }],
  ['unknown-method', { webhook: { ...WEBHOOK.webhook, method: 'PUT' } }],
  ['too-long', { ...WEBHOOK, description: 'x'.repeat(300) }],
  ['marked', { ...WEBHOOK, description: 'Orders [k8s:x]' }],
  ['import-without-policy', { ...WEBHOOK, import: { sid: SINK_SID } }],
  ['import-of-another', { ...WEBHOOK, import: { sid: OTHER_SINK_SID }, deletionPolicy: 'Orphan' }],
]
const STATUS = { observedGeneration: 1, sid: SINK_SID, accountSid: VALID_ACCOUNT_SID }

function oldObject(name: string, spec: Record<string, unknown>) {
  return {
    apiVersion: 'events.twilio.com/v1alpha1',
    kind: OLD.kind,
    metadata: { name, namespace: NAMESPACE, finalizers: [FINALIZER] },
    spec: { description: 'Old', ...spec },
  }
}

async function must(args: readonly string[], stdin?: string): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, stdin)
  // Newer API servers pass such a write with a warning that names what was wrong before.
  expect(code, `${args.join(' ')}: ${stderr}`).toBe(0)
  return stdout
}

const patch = (name: string, value: object, ...more: string[]) =>
  must(['patch', 'oldsink', name, '-n', NAMESPACE, '--type=merge', '-p', JSON.stringify(value), ...more])

async function applyCrd(crd: unknown): Promise<void> {
  await must(['apply', '--server-side', '-f', '-'], dump(crd))
  await must(['wait', '--for=condition=Established', `crd/${OLD.plural}.events.twilio.com`])
}

beforeAll(async () => {
  await must(['create', 'namespace', NAMESPACE])
  await applyCrd(loosened(customResourceDefinition(OLD)))
  for (const [name, spec] of VIOLATIONS) {
    await must(['create', '-f', '-'], JSON.stringify(oldObject(name, spec)))
    await patch(name, { status: STATUS }, '--subresource=status')
  }
  await applyCrd(customResourceDefinition(OLD))
  await vi.waitFor(async () => expect(await isStrict()).toBe(true), { timeout: 30_000, interval: 100 })
})

/** A changed schema reaches the handlers of the API server a moment later. */
async function isStrict(): Promise<boolean> {
  const { code } = await kubectl(
    ['create', '--dry-run=server', '-f', '-'],
    JSON.stringify(oldObject('new', {})),
  )
  return code !== 0
}

test.for(VIOLATIONS)(
  '%s: created today it is refused, so the object really is an old one',
  async ([, spec]) => {
    const { code } = await kubectl(
      ['create', '--dry-run=server', '-f', '-'],
      JSON.stringify(oldObject('today', spec)),
    )
    // Only a transition rule knows the sink that an import differs from.
    expect(code === 0).toBe(spec['deletionPolicy'] === 'Orphan')
  },
)

test.for(VIOLATIONS)('%s: status can be written, so that the object can report itself', async ([name]) => {
  const condition = {
    type: 'Ready',
    status: 'False',
    reason: 'InvalidValue',
    message: 'fix it',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }
  await patch(name, { status: { conditions: [condition] } }, '--subresource=status')
})

test.for(VIOLATIONS)('%s: annotations can be set, so that an attempt can be claimed', async ([name]) => {
  await patch(name, { metadata: { annotations: { 'events.twilio.com/create-attempt': '{}' } } })
})

test.for(VIOLATIONS)('%s: its finalizer can be removed, so that it can be deleted', async ([name]) => {
  await must(['delete', 'oldsink', name, '-n', NAMESPACE, '--wait=false'])
  await patch(name, { metadata: { finalizers: [] } })
  const { stderr } = await kubectl(['get', 'oldsink', name, '-n', NAMESPACE])
  expect(stderr).toContain('NotFound')
})
