import { readFile } from 'node:fs/promises'
import { load } from 'js-yaml'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { customResourceDefinition } from '../../../src/api/crd/crd.ts'
import { SINK_KIND, TWILIO_ACCOUNT_KIND } from '../../../src/api/crd/custom-resources.ts'
import type { Command } from '../../rigs/control-plane/command.ts'
import { helmFor } from '../../rigs/control-plane/helm.ts'
import { sharedCluster } from '../../rigs/control-plane/shared-cluster.ts'
import { CHART_ACCOUNT, IMAGE, only, render, type Values } from './chart.ts'
import { containerOf, deploymentOf } from './deployment-shape.ts'
import { helmMissing } from './helm-or-skip.ts'

/** What the chart brings for monitoring; by its Service, since a PodMonitor goes only without. */
const MONITORED = {
  serviceMonitor: { enabled: true },
  prometheusRule: { enabled: true },
  grafanaDashboard: { enabled: true },
}

/** Longer than an orderly end of the operator: its reconciles, the Lease, the last events. Seconds. */
const ORDERLY_END = 20 + 2 + 2

describe.skipIf(helmMissing !== undefined)('the objects of the chart', () => {
  let helm: Command
  beforeAll(async () => {
    helm = await helmFor(sharedCluster())
  })
  const objectsOf = async (values: Values) => (await render(helm, values)).objects
  const kindsOf = async (values: Values) => (await objectsOf(values)).map(({ kind }) => kind)

  test('the definitions are those of the source, and stay when the release goes', async () => {
    const definitions = (await objectsOf(IMAGE)).filter(({ kind }) => kind === 'CustomResourceDefinition')
    const plain = definitions.map(({ metadata: { name }, ...rest }) => ({ ...rest, metadata: { name } }))
    expect(plain).toEqual(
      JSON.parse(
        JSON.stringify([customResourceDefinition(SINK_KIND), customResourceDefinition(TWILIO_ACCOUNT_KIND)]),
      ),
    )
    for (const { metadata } of definitions) {
      expect(metadata.annotations).toEqual({
        'helm.sh/resource-policy': 'keep',
        'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false,ServerSideApply=true',
      })
    }
    const theirs = { 'argocd.argoproj.io/sync-options': 'ServerSideApply=true', owner: 'shop' }
    const crds = { keep: false, annotations: { owner: 'shop' } }
    for (const { kind, metadata } of await objectsOf({ ...IMAGE, crds }))
      if (kind === 'CustomResourceDefinition') expect(metadata.annotations).toEqual(theirs)
    expect(await kindsOf({ ...IMAGE, crds: { enabled: false } })).not.toContain('CustomResourceDefinition')
  })

  test('nothing of a kind that the chart has just brought is in it, since a first install would fail', async () => {
    const kinds = await kindsOf({ ...IMAGE, ...CHART_ACCOUNT })
    expect(kinds).not.toContain('TwilioAccount')
    expect(kinds).not.toContain('Sink')
  })

  test('every object of the release can be found by its labels', async () => {
    const values = {
      ...IMAGE,
      ...MONITORED,
      admissionPolicy: { enabled: true, statusOnlyByOperator: true },
      networkPolicy: { enabled: true },
    }
    for (const { metadata } of await objectsOf(values)) {
      expect(metadata.labels, metadata.name).toMatchObject({
        'app.kubernetes.io/name': 'twilio-sink-operator',
        'app.kubernetes.io/instance': 'twilio-sink-operator',
        'app.kubernetes.io/managed-by': 'Helm',
      })
    }
  })

  test('every object and the pods have the labels that are given for all, beside their own', async () => {
    const values = {
      ...IMAGE,
      ...MONITORED,
      admissionPolicy: { enabled: true, statusOnlyByOperator: true },
      networkPolicy: { enabled: true },
      commonLabels: { team: 'shop', tier: 'one' },
      podLabels: { tier: 'two' },
      serviceAccount: { labels: { tier: 'three' } },
      metrics: { service: { labels: { tier: 'four' } } },
    }
    const rendered = await render(helm, values)
    const tiers = new Map([
      ['ServiceAccount', 'three'],
      ['Service', 'four'],
    ])
    for (const { kind, metadata } of rendered.objects)
      expect(metadata.labels, metadata.name).toMatchObject({ team: 'shop', tier: tiers.get(kind) ?? 'one' })
    const { selector, template } = deploymentOf(rendered)
    expect(template.metadata.labels).toEqual({ ...selector.matchLabels, team: 'shop', tier: 'two' })
    expect(Object.keys(selector.matchLabels)).toEqual([
      'app.kubernetes.io/name',
      'app.kubernetes.io/instance',
    ])
  })

  test('two releases of one name in two namespaces have no object in common but the definitions', async () => {
    const placesOf = async (namespace: string) => {
      const values = { ...IMAGE, watchNamespaces: [namespace], account: { ref: 'shared/default' } }
      const { objects } = await render(
        helm,
        {
          ...values,
          admissionPolicy: { enabled: true, statusOnlyByOperator: true },
          serviceMonitor: { enabled: true, namespace: 'monitoring' },
          prometheusRule: { enabled: true, namespace: 'monitoring' },
          grafanaDashboard: { enabled: true, namespace: 'monitoring' },
        },
        { namespace },
      )
      return objects.map(({ kind, metadata }) => [kind, metadata.namespace, metadata.name].join(' '))
    }
    const [first, second] = await Promise.all([placesOf('one'), placesOf('two')])
    const common = first.filter((place) => second.includes(place))
    expect(common.map((place) => place.split(' ')[0])).toEqual([
      'CustomResourceDefinition',
      'CustomResourceDefinition',
    ])
  })

  test('two pods, of which a drain leaves one, wherever they are', async () => {
    const rendered = await render(helm, IMAGE)
    const { replicas, selector, template, strategy } = deploymentOf(rendered)
    expect([replicas, strategy.type]).toEqual([2, 'RollingUpdate'])
    expect(template.metadata.labels).toMatchObject(selector.matchLabels)
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(ORDERLY_END)
    expect(template.spec.topologySpreadConstraints.map(({ topologyKey }) => topologyKey)).toContain(
      'kubernetes.io/hostname',
    )
    expect(only(rendered.objects, 'PodDisruptionBudget')).toMatchObject({
      spec: { minAvailable: 1, selector },
    })
  })

  test('the budget is the one that is given', async () => {
    const budgetOf = async (podDisruptionBudget: Values) => {
      const { objects } = await render(helm, { ...IMAGE, replicaCount: 3, podDisruptionBudget })
      const { minAvailable, maxUnavailable } = z
        .looseObject({ minAvailable: z.unknown().optional(), maxUnavailable: z.unknown().optional() })
        .parse(only(objects, 'PodDisruptionBudget')['spec'])
      return { minAvailable, maxUnavailable }
    }
    expect(await budgetOf({})).toEqual({ minAvailable: 1 })
    expect(await budgetOf({ minAvailable: 2 })).toEqual({ minAvailable: 2 })
    expect(await budgetOf({ maxUnavailable: '34%' })).toEqual({ maxUnavailable: '34%' })
  })

  test('the pod is as told: network, names, probes, registry, history', async () => {
    const given = {
      hostNetwork: true,
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['192.0.2.1'] },
      hostAliases: [{ ip: '192.0.2.2', hostnames: ['events.twilio.com'] }],
    }
    const [own, shared] = [{ name: 'own' }, { name: 'shared' }]
    const rendered = await render(helm, {
      ...IMAGE,
      ...given,
      imagePullSecrets: [own],
      global: { imagePullSecrets: [shared, own] },
      livenessProbe: { initialDelaySeconds: 7, failureThreshold: 9 },
      readinessProbe: { periodSeconds: 8 },
      revisionHistoryLimit: 0,
      deploymentAnnotations: { owner: 'shop' },
    })
    const { template, revisionHistoryLimit } = deploymentOf(rendered)
    expect(template.spec).toMatchObject({ ...given, imagePullSecrets: [own, shared] })
    const { livenessProbe, readinessProbe } = containerOf(rendered)
    expect(livenessProbe).toMatchObject({ initialDelaySeconds: 7, periodSeconds: 10, failureThreshold: 9 })
    expect(readinessProbe).toMatchObject({ periodSeconds: 8, failureThreshold: 3 })
    expect(revisionHistoryLimit).toBe(0)
    expect(only(rendered.objects, 'Deployment').metadata.annotations).toEqual({ owner: 'shop' })
  })

  test('what else a release needs may come with it, as objects or as templates', async () => {
    const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'twilio' } }
    const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}-extra"}\n'
    const { objects } = await render(helm, { ...IMAGE, extraObjects: [object, text] })
    expect(only(objects, 'Secret')).toEqual(object)
    expect(only(objects, 'ConfigMap').metadata.name).toBe('twilio-sink-operator-extra')
  })

  test('one pod without election is gone before the next one comes, and no budget keeps it on its node', async () => {
    const alone = { ...IMAGE, replicaCount: 1, operator: { leaderElect: false } }
    const rendered = await render(helm, alone)
    expect(deploymentOf(rendered).strategy).toEqual({ type: 'Recreate' })
    expect(rendered.objects.map(({ kind }) => kind)).not.toContain('PodDisruptionBudget')
  })

  test('the probes ask the port on which the operator answers, and it knows its names', async () => {
    const values = { ...IMAGE, health: { port: 9091 } }
    const { args, ports, env, livenessProbe, readinessProbe } = containerOf(await render(helm, values))
    expect(args).toContain('--health-address=:9091')
    expect(ports).toContainEqual(expect.objectContaining({ name: 'health', containerPort: 9091 }))
    expect(livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'health' })
    expect(readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'health' })
    expect(env.map(({ name }) => name)).toEqual(['POD_NAME', 'POD_NAMESPACE'])
  })

  test('the proxy of the values, and of the page, is in the environment, and the API server is reached without it', async () => {
    const page = await readFile('docs/install.md', 'utf8')
    const section = page.slice(page.indexOf('## Behind a proxy'), page.indexOf('## Uninstall'))
    const [plain, withPassword] = Array.from(section.matchAll(/```yaml\n(.*?)```/gsu), ([, yaml = '']) =>
      load(yaml),
    )
    const envOf = async (values: unknown) => {
      const { env } = containerOf(await render(helm, { ...IMAGE, ...(values as Values) }))
      return env.filter(({ name }) => !name.startsWith('POD_'))
    }
    const noProxy = { name: 'NO_PROXY', value: '$(KUBERNETES_SERVICE_HOST),.cluster.local,10.0.0.0/8' }
    expect(await envOf(plain)).toEqual([
      { name: 'HTTPS_PROXY', value: 'http://proxy.example.com:3128' },
      noProxy,
    ])
    const secret = { secretKeyRef: { name: 'proxy', key: 'url' } }
    expect(await envOf(withPassword)).toEqual([noProxy, { name: 'HTTPS_PROXY', valueFrom: secret }])
    const https = { name: 'https_proxy', value: 'http://p:1' }
    expect(await envOf({ env: [https] })).toEqual([
      { name: 'NO_PROXY', value: '$(KUBERNETES_SERVICE_HOST)' },
      https,
    ])
    const own = { name: 'NO_PROXY', value: '*' }
    expect(await envOf({ proxy: { noProxy: '.svc' }, env: [https, own] })).toEqual([https, own])
    expect(await envOf({})).toEqual([])
    expect(await envOf({ proxy: { httpProxy: 'http://p:1' } })).toEqual([
      { name: 'HTTP_PROXY', value: 'http://p:1' },
      { name: 'NO_PROXY', value: '$(KUBERNETES_SERVICE_HOST)' },
    ])
  })

  test('the image is that of the version, of a tag or of a digest, which goes first', async () => {
    const { repository } = IMAGE.image
    const imageOf = async (image: object) =>
      containerOf(await render(helm, { image: { repository, ...image } })).image
    const digest = `sha256:${'a'.repeat(64)}`
    expect(await imageOf({})).toBe(`${repository}:0.1.0`)
    expect(await imageOf({ tag: 'edge' })).toBe(`${repository}:edge`)
    expect(await imageOf({ tag: 'edge', digest })).toBe(`${repository}@${digest}`)
  })

  test('the network policy leaves open what is needed and no more', async () => {
    const from = [{ namespaceSelector: { matchLabels: { team: 'monitoring' } } }]
    const values = { ...IMAGE, networkPolicy: { enabled: true, metricsFrom: from, apiServerPorts: [8443] } }
    const rendered = await render(helm, values)
    const tcp = (port: number | string) => ({ port, protocol: 'TCP' })
    expect(only(rendered.objects, 'NetworkPolicy')['spec']).toEqual({
      podSelector: { matchLabels: deploymentOf(rendered).selector.matchLabels },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [tcp('metrics')], from }],
      egress: [
        { ports: [{ port: 53, protocol: 'UDP' }, tcp(53)] },
        { ports: [tcp(8443)] },
        { ports: [tcp(443)] },
      ],
    })
    expect(await kindsOf(IMAGE)).not.toContain('NetworkPolicy')
  })

  test('the network policy is as narrow as told', async () => {
    const at = (cidr: string) => [{ ipBlock: { cidr } }]
    const [dnsTo, apiServerTo, twilioTo] = [at('192.0.2.1/32'), at('192.0.2.2/32'), at('192.0.2.3/32')]
    const values = { ...IMAGE, networkPolicy: { enabled: true, dnsTo, apiServerTo, twilioTo } }
    const { egress } = z
      .looseObject({ egress: z.array(z.looseObject({ to: z.unknown().optional() })) })
      .parse(only(await objectsOf(values), 'NetworkPolicy')['spec'])
    expect(egress.map(({ to }) => to)).toEqual([dnsTo, apiServerTo, twilioTo])
  })

  test('an installer without rights in the cluster gets objects in namespaces alone', async () => {
    const values = {
      ...IMAGE,
      watchNamespaces: ['shop'],
      crds: { enabled: false },
      rbac: { crdRead: false, aggregateRoles: false },
    }
    const outside = (await objectsOf(values)).filter(({ metadata }) => metadata.namespace === undefined)
    expect(outside).toEqual([])
  })
})
