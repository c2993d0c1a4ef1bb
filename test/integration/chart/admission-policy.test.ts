import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startControlPlane, type ControlPlane } from '../../rigs/control-plane/control-plane.ts'
import { helmFor } from '../../rigs/control-plane/helm.ts'
import { IMAGE, INSTALL_NAMESPACE, RELEASE, render, type Values } from './chart.ts'
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

  /** One request for all of a kind, as a namespace controller or a script sends it. */
  const collection = (path: string): Promise<string> => kubectl('delete', '--raw', path)

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
      const command = `kubectl annotate ${definition.replace('/', ' ')} --overwrite events.twilio.com/allow-crd-deletion=true`
      expect(refused).toContain(command)
    }
    await kubectl('annotate', DEFINITIONS[0]!, 'events.twilio.com/allow-crd-deletion=yes')
    expect(await deletion(DEFINITIONS[0]!)).toContain('denied')
    await kubectl('annotate', '--overwrite', DEFINITIONS[0]!, 'events.twilio.com/allow-crd-deletion=true')
    expect(await deletion(DEFINITIONS[0]!)).toContain('deleted')
  })

  test('refuses to delete all definitions in one request, in which none of them is named', async () => {
    const locked = async (): Promise<void> => {
      await kubectl('annotate', ...DEFINITIONS, 'events.twilio.com/allow-crd-deletion-')
      await vi.waitFor(async () => expect(await deletion(...DEFINITIONS)).toContain('denied'), SLOWLY)
    }
    await locked()
    expect(await deletion('crd', '--all')).toContain('denied')
    // Not only asked: `kubectl delete crd --all` names each, this does not.
    expect(await collection('/apis/apiextensions.k8s.io/v1/customresourcedefinitions')).toContain('denied')
    expect(await kubectl('get', 'sink/orders', ...DEFINITIONS, '-o', 'name')).not.toContain('not found')
    await kubectl('annotate', ...DEFINITIONS, 'events.twilio.com/allow-crd-deletion=true', '--overwrite')
    const unlocked = await collection('/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All')
    expect(unlocked).toContain('CustomResourceDefinitionList')
    await locked()
  })

  test('leaves the definitions of others alone', async () => {
    const { objects } = await render(await helmFor(controlPlane), IMAGE)
    const [definition] = objects.filter(({ kind }) => kind === 'CustomResourceDefinition')
    const foreign = JSON.stringify(definition)
      .replaceAll('events.twilio.com', 'events.example.com')
      .replaceAll('"sinks', '"drains')
    await apply(foreign)
    expect(await deletion('crd/drains.events.example.com')).toContain('deleted')
    await kubectl('label', 'crd', 'drains.events.example.com', 'of=others')
    const all = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All&labelSelector=of%3Dothers'
    expect(await collection(all)).toContain('drains.events.example.com')
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
    const sinks = '/apis/events.twilio.com/v1alpha1/namespaces/default/sinks'
    expect(await collection(sinks)).toContain('denied')
    expect(await kubectl('get', 'sink', 'orders', '-o', 'name')).toContain('orders')
    await kubectl('annotate', 'sink', 'orders', 'events.twilio.com/protect-')
    expect(await deletion('sink/orders')).toContain('deleted')
  })
})

const ACCOUNT = {
  apiVersion: 'events.twilio.com/v1alpha1',
  kind: 'TwilioAccount',
  metadata: { name: 'main', namespace: 'default' },
  spec: { accountSid: `AC${'0'.repeat(32)}`, credentialsSecretRef: { name: 'twilio' } },
}
const STATUS = JSON.stringify({ status: { observedGeneration: 1 } })

describe.skipIf(helmMissing !== undefined)('the policy on status', () => {
  let controlPlane: ControlPlane
  const kubectl = async (args: readonly string[], stdin?: string): Promise<string> => {
    const { code, stdout, stderr } = await controlPlane.kubectl(args, stdin)
    return code === 0 ? stdout : stderr
  }
  const OPERATOR = `--as=system:serviceaccount:${INSTALL_NAMESPACE}:${RELEASE}`
  const OTHER_POD = `--as=system:serviceaccount:default:${RELEASE}`
  /** Every right, and so a cluster administrator. */
  const ADMIN = '--as-group=system:masters'

  async function install(values: Values): Promise<void> {
    const { objects } = await render(await helmFor(controlPlane), { ...IMAGE, ...values })
    const wanted = objects.filter(({ kind }) => /^(?:CustomResource|ValidatingAdmission)/u.test(kind))
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: wanted })
    const { code, stderr } = await controlPlane.kubectl(
      ['apply', '--server-side', '--force-conflicts', '-f', '-'],
      list,
    )
    if (code !== 0) throw new Error(stderr)
  }
  const write = (what: string, namespace: string, ...as: readonly string[]): Promise<string> =>
    kubectl(['patch', what, '-n', namespace, '--subresource=status', '--type=merge', '-p', STATUS, ...as])
  const eventually = (what: string, namespace: string, as: readonly string[], said: string) =>
    vi.waitFor(async () => expect(await write(what, namespace, ...as)).toContain(said), SLOWLY)

  beforeAll(async () => {
    controlPlane = await startControlPlane()
    for (const name of [INSTALL_NAMESPACE, 'elsewhere']) await controlPlane.createNamespace(name)
    await install({ admissionPolicy: { statusOnlyByOperator: true }, watchNamespaces: ['default'] })
    await kubectl(['wait', '--for=condition=Established', '--timeout=60s', ...DEFINITIONS])
    for (const namespace of ['default', 'elsewhere'])
      for (const object of [SINK, ACCOUNT])
        await kubectl(
          ['create', '-f', '-'],
          JSON.stringify({ ...object, metadata: { ...object.metadata, namespace } }),
        )
    // Rights are not what stops anybody here.
    const both = [`--serviceaccount=${INSTALL_NAMESPACE}:${RELEASE}`, `--serviceaccount=default:${RELEASE}`]
    await kubectl(['create', 'clusterrolebinding', 'all', '--clusterrole=cluster-admin', ...both])
    await eventually('sink/orders', 'default', [ADMIN, '--as=root'], 'denied')
  })
  afterAll(() => controlPlane?.stop())

  test.for(['sink/orders', 'twilioaccount/main'])(
    '%s: nobody but the operator writes it, since the operator believes what stands there',
    async (what) => {
      await eventually(what, 'default', [OPERATOR], 'patched')
      expect(await write(what, 'default')).toContain('denied')
      expect(await write(what, 'default', ADMIN, '--as=root')).toContain('denied')
      expect(await write(what, 'default', OTHER_POD), 'of the same name elsewhere').toContain('denied')
      const whole = await kubectl(['get', what, '-n', 'default', '-o', 'json'])
      expect(await kubectl(['replace', '--subresource=status', '-f', '-'], whole)).toContain('denied')
      // The rest of the object is everybody's who has the right to it.
      expect(await kubectl(['annotate', what, '-n', 'default', 'team=shop'])).toContain('annotated')
    },
  )

  test('a release for some namespaces binds those alone, since others may have an operator of their own', async () => {
    expect(await write('sink/orders', 'elsewhere')).toContain('patched')
    await install({ admissionPolicy: { statusOnlyByOperator: true } })
    await eventually('sink/orders', 'elsewhere', [], 'denied')
    await eventually('sink/orders', 'elsewhere', [OPERATOR], 'patched')
  })

  test('says how an administrator who must write one all the same gets in', async () => {
    const refused = await write('sink/orders', 'default')
    const command =
      /kubectl (?<args>delete validatingadmissionpolicybinding [\w.-]+)/u.exec(refused)?.groups?.['args'] ??
      ''
    expect(await kubectl(command.split(' '))).toContain('deleted')
    await eventually('sink/orders', 'default', [], 'patched')
  })
})
