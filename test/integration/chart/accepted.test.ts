import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Command } from '../../rigs/control-plane/command.ts'
import { helmFor } from '../../rigs/control-plane/helm.ts'
import { sharedCluster } from '../../rigs/control-plane/shared-cluster.ts'
import { CHART_ACCOUNT, CHART, IMAGE, RELEASE, render, type Values } from './chart.ts'
import { deploymentOf } from './deployment-shape.ts'
import { helmMissing } from './helm-or-skip.ts'

const cluster = sharedCluster()
const OWN = 'chart-accepted'
const SHOP = 'chart-accepted-shop'
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** A person who installs chooses one of these forms. */
const FORMS: readonly [name: string, values: Values][] = [
  ['all namespaces', {}],
  ['an account of its own', CHART_ACCOUNT],
  ['an account that exists', { account: { ref: `${SHOP}/default` } }],
  ['some namespaces', { watchNamespaces: [SHOP, OWN], ...CHART_ACCOUNT }],
  [
    'no right in the cluster',
    {
      watchNamespaces: [SHOP],
      crds: { enabled: false },
      rbac: { crdRead: false, aggregateRoles: false },
    },
  ],
  ['one pod that is alone', { replicaCount: 1, operator: { leaderElect: false } }],
  [
    'rights and account by somebody else',
    { rbac: { create: false }, serviceAccount: { create: false, name: 'given' } },
  ],
  [
    'all that is off by default',
    {
      admissionPolicy: { enabled: true, statusOnlyByOperator: true },
      networkPolicy: {
        enabled: true,
        metricsFrom: [{ podSelector: {} }],
        apiServerTo: [{ ipBlock: { cidr: '192.0.2.3/32' } }],
        dnsTo: [{ namespaceSelector: {}, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
        twilioTo: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }],
        egress: [{ ports: [{ port: 8443 }] }],
      },
      imagePullSecrets: [{ name: 'registry' }],
      global: { imagePullSecrets: [{ name: 'shared-registry' }] },
      commonLabels: { team: 'shop' },
      crds: { keep: false, annotations: { owner: 'shop' } },
      serviceAccount: { annotations: { owner: 'shop' }, labels: { tier: 'one' } },
      metrics: {
        service: { annotations: { 'prometheus.io/scrape': 'true' }, labels: { tier: 'one' } },
      },
      livenessProbe: { initialDelaySeconds: 1, successThreshold: 1 },
      readinessProbe: { periodSeconds: 3, successThreshold: 2 },
      podDisruptionBudget: { maxUnavailable: '50%' },
      deploymentAnnotations: { owner: 'shop' },
      revisionHistoryLimit: 2,
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['192.0.2.1'] },
      hostAliases: [{ ip: '192.0.2.2', hostnames: ['events.twilio.com'] }],
      extraObjects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'extra' } }],
      podAnnotations: { owner: 'shop' },
      podLabels: { team: 'shop' },
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [{ key: 'dedicated', operator: 'Exists' }],
      affinity: { nodeAffinity: {} },
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule' },
      ],
      env: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/etc/ca/ca.crt' }],
      volumes: [{ name: 'ca', configMap: { name: 'ca' } }],
      volumeMounts: [{ name: 'ca', mountPath: '/etc/ca' }],
      fullnameOverride: 'sinks',
      nameOverride: 'operator',
    },
  ],
  ['a platform that gives out user ids', { podSecurityContext: { runAsUser: null, runAsGroup: null } }],
  ['the network of the node', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }],
  ['no metrics', { metrics: { enabled: false } }],
]

/** `--set` and its like of each helm command in the documents. */
function documentedArguments(): string[][] {
  const pages = ['README.md', 'docs/**/*.md', 'integrations/**/*.md', 'charts/*/README.md']
  const commands = globSync(pages, { cwd: ROOT }).flatMap((page) =>
    [...readFileSync(`${ROOT}${page}`, 'utf8').matchAll(/^```sh\n([^]*?)^```/gmu)]
      .flatMap(([, block = '']) => block.replaceAll('\\\n', ' ').split('\n'))
      .filter((line) => /\bhelm (?:install|upgrade|template)\b.*twilio-sink-operator/u.test(line)),
  )
  return commands.map((command) => [
    // The values of the release that is upgraded.
    ...(command.includes('reuse-values') ? ['--set', `image.repository=${IMAGE.image.repository}`] : []),
    ...[...command.matchAll(/--set(?:-string|-json)?[ =](?:'[^']*'|\S+)/gu)].flatMap(([written]) => {
      const [flag = '', ...value] = written.split(/[ =]/u)
      return [flag, filledIn(written.slice(flag.length + 1).replace(/^'(.*)'$/u, '$1') || value.join('='))]
    }),
  ])
}

/** As a shell does it, in which the reader has set the variables. */
const filledIn = (value: string): string =>
  value
    .replace('"$TWILIO_ACCOUNT_SID"', `AC${'1'.repeat(32)}`)
    .replace('"$id"', 'an-id')
    .replace('{shop}', `{${SHOP}}`)

describe.skipIf(helmMissing !== undefined)('what the chart renders', () => {
  let helm: Command
  const kubectl = async (args: readonly string[], stdin?: string): Promise<string> => {
    const { code, stdout, stderr } = await cluster.kubectl(args, stdin)
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`)
    return stdout
  }

  beforeAll(async () => {
    helm = await helmFor(cluster)
    await Promise.all([OWN, SHOP].map((name) => cluster.createNamespace(name)))
    await kubectl([
      ...['label', 'namespace', OWN],
      'pod-security.kubernetes.io/enforce=restricted',
      'pod-security.kubernetes.io/enforce-version=latest',
    ])
  })
  afterAll(async () => {
    await cluster.kubectl(['delete', 'namespace', OWN, SHOP, '--wait=false'])
  })

  const accept = (yaml: string): Promise<string> =>
    kubectl(['apply', '--dry-run=server', '--validate=strict', '-f', '-'], yaml)

  test.for(FORMS)('%s: taken by the API server, every object and every field', async ([, values]) => {
    const { yaml, objects } = await render(helm, { ...IMAGE, ...values }, { namespace: OWN })
    const accepted = (await accept(yaml)).trim().split('\n')
    expect(accepted).toHaveLength(objects.length)
  })

  test('what the documents give on the command line is taken, too', async () => {
    const documented = documentedArguments()
    expect(documented.length).toBeGreaterThan(0)
    for (const args of documented) {
      const { code, stdout, stderr } = await helm(['template', RELEASE, CHART, '--namespace', OWN, ...args])
      expect(stderr).toBe('')
      expect(code).toBe(0)
      await accept(stdout)
    }
  })

  describe('the pod, where the API server enforces the level "restricted"', () => {
    const podOf = async (values: Values) => {
      const { metadata, spec } = deploymentOf(
        await render(helm, { ...IMAGE, ...values }, { namespace: OWN }),
      ).template
      return {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...metadata, name: 'operator', namespace: OWN },
        spec,
      }
    }
    const create = (pod: unknown) => cluster.kubectl(['create', '-f', '-'], JSON.stringify(pod))

    test('may run', async () => {
      const { code, stderr } = await create(await podOf({}))
      expect(stderr).toBe('')
      expect(code).toBe(0)
      await kubectl(['delete', 'pod', 'operator', '-n', OWN, '--grace-period=0', '--force'])
    })

    test.for([
      { podSecurityContext: { seccompProfile: null } },
      { podSecurityContext: { runAsNonRoot: false } },
      { containerSecurityContext: { capabilities: null } },
      { containerSecurityContext: { allowPrivilegeEscalation: true } },
    ])('may not with %j, so that the level is known to be enforced', async (values) => {
      const { code, stderr } = await create(await podOf(values))
      expect(stderr).toContain('violates PodSecurity')
      expect(code).not.toBe(0)
    })
  })
})
