import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startControlPlane } from '../control-plane/control-plane.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { helmFor } from '../control-plane/helm.ts'
import { IMAGE, render } from './chart.ts'
import { helmMissing } from './helm-or-skip.ts'

const SINK = {
  apiVersion: 'events.twilio.com/v1alpha1',
  kind: 'Sink',
  metadata: { name: 'orders', namespace: 'default' },
  spec: { description: 'Orders', webhook: { destination: 'https://warehouse.example.com/twilio' } },
}
const DEFINITIONS = ['crd/sinks.events.twilio.com', 'crd/twilioaccounts.events.twilio.com']

const SLOWLY = { timeout: 60_000, interval: 200 }

/** On an API server of its own: it would bind the tests that share one. */
describe.skipIf(helmMissing !== undefined)('the admission policy', () => {
  let controlPlane: ControlPlane
  const kubectl = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await controlPlane.kubectl(args)
    return code === 0 ? stdout : stderr
  }
  const apply = async (yaml: string): Promise<void> => {
    const { code, stderr } = await controlPlane.kubectl(['apply', '--server-side', '-f', '-'], yaml)
    if (code !== 0) throw new Error(stderr)
  }
  /** Admission is asked, and nothing is deleted. */
  const deletion = (...what: string[]): Promise<string> => kubectl('delete', '--dry-run=server', ...what)

  beforeAll(async () => {
    controlPlane = await startControlPlane()
    const helm = await helmFor(controlPlane)
    const { objects } = await render(helm, { ...IMAGE, admissionPolicy: { enabled: true } })
    const wanted = objects.filter(({ kind }) => /^(?:CustomResource|ValidatingAdmission)/u.test(kind))
    await apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: wanted }))
    await kubectl('wait', '--for=condition=Established', '--timeout=60s', ...DEFINITIONS)
    await apply(JSON.stringify(SINK))
    // A policy counts some time after it has been stored.
    await vi.waitFor(async () => expect(await deletion(...DEFINITIONS)).toContain('denied'), SLOWLY)
  })
  afterAll(() => controlPlane?.stop())

  test('refuses to delete a definition, and says how it is unlocked', async () => {
    const refused = await deletion(...DEFINITIONS)
    for (const definition of DEFINITIONS) {
      const command = `kubectl annotate ${definition.replace('/', ' ')} events.twilio.com/allow-crd-deletion=true`
      expect(refused).toContain(command)
    }
    await kubectl('annotate', DEFINITIONS[0]!, 'events.twilio.com/allow-crd-deletion=yes')
    expect(await deletion(DEFINITIONS[0]!)).toContain('denied')
    await kubectl('annotate', '--overwrite', DEFINITIONS[0]!, 'events.twilio.com/allow-crd-deletion=true')
    expect(await deletion(DEFINITIONS[0]!)).toContain('deleted')
  })

  test('leaves the definitions of others alone', async () => {
    const { objects } = await render(await helmFor(controlPlane), IMAGE)
    const [definition] = objects.filter(({ kind }) => kind === 'CustomResourceDefinition')
    const foreign = JSON.stringify(definition)
      .replaceAll('events.twilio.com', 'events.example.com')
      .replaceAll('"sinks', '"drains')
    await apply(foreign)
    expect(await deletion('crd/drains.events.example.com')).toContain('deleted')
  })

  test('refuses to delete a protected Sink, alone or with all others, until it is so no longer', async () => {
    expect(await deletion('sink/orders')).toContain('deleted')
    await kubectl('annotate', 'sink', 'orders', 'events.twilio.com/protect=true')
    // Each policy counts a moment later by itself.
    const refused = await vi.waitFor(async () => {
      const answer = await deletion('sink/orders')
      expect(answer).toContain('denied')
      return answer
    }, SLOWLY)
    expect(refused).toContain('kubectl -n default annotate sink orders events.twilio.com/protect-')
    expect(await deletion('sinks', '--all')).toContain('denied')
    await kubectl('annotate', 'sink', 'orders', 'events.twilio.com/protect-')
    expect(await deletion('sink/orders')).toContain('deleted')
  })
})
