import { beforeAll, describe, expect, test } from 'vitest'
import { OPERATOR_OPTIONS } from '../../../src/options/options.ts'
import { readOptions } from '../../../src/options/read-options.ts'
import type { Command } from '../../rigs/control-plane/command.ts'
import { helmFor } from '../../rigs/control-plane/helm.ts'
import { sharedCluster } from '../../rigs/control-plane/shared-cluster.ts'
import { CHART_ACCOUNT, CHART, IMAGE, helmRefusal, type Values } from './chart.ts'
import { helmMissing } from './helm-or-skip.ts'

const TOKEN = 'f'.repeat(32)

/** What is wrong, and the words by which a person finds it. */
const WRONG: readonly [why: string, values: Values, named: RegExp][] = [
  ['no image', {}, /image\.repository is required.*--set image\.repository=/su],
  [
    'an image with a tag where only its place belongs',
    { image: { repository: 'registry.example.com:5000/operator:1.2' } },
    /image\.repository must be a name without tag/u,
  ],
  ['an unknown value', { ...IMAGE, replicas: 3 }, /'replicas' not allowed/u],
  [
    'an unknown value further in',
    { ...IMAGE, operator: { pollIntervall: '1m' } },
    /'\/operator'.*'pollIntervall' not allowed/su,
  ],
  [
    'a duration in other words',
    { ...IMAGE, operator: { pollInterval: '5 minutes' } },
    /operator\.pollInterval must be a duration/u,
  ],
  ['a duration without its unit', { ...IMAGE, operator: { callTimeout: 15 } }, /operator\/callTimeout/u],
  ['a count of none', { ...IMAGE, operator: { maxCallsPerAccount: 0 } }, /operator\/maxCallsPerAccount/u],
  ['an unknown level', { ...IMAGE, operator: { logLevel: 'verbose' } }, /operator\/logLevel.*'debug'/su],
  ['a port that is none', { ...IMAGE, metrics: { port: 70_000 } }, /metrics\/port/u],
  ['a namespace that is none', { ...IMAGE, watchNamespaces: ['Shop'] }, /watchNamespaces\/0/u],
  ['a namespace given twice', { ...IMAGE, watchNamespaces: ['shop', 'shop'] }, /watchNamespaces/u],
  ['one namespace that is no list', { ...IMAGE, watchNamespaces: 'shop' }, /watchNamespaces.*array/su],
  [
    'too little time to end',
    { ...IMAGE, terminationGracePeriodSeconds: 10 },
    /terminationGracePeriodSeconds/u,
  ],
  [
    'an account without its Secret',
    { ...IMAGE, account: { sid: CHART_ACCOUNT.account.sid } },
    /account\.existingSecret must be given together/u,
  ],
  [
    'a Secret without its account',
    { ...IMAGE, account: { existingSecret: 'twilio' } },
    /account\.sid and account\.existingSecret/u,
  ],
  [
    'an account that is made and one that exists',
    { ...IMAGE, account: { ...CHART_ACCOUNT.account, ref: 'shop/default' } },
    /account\.ref.*only one/su,
  ],
  [
    'imports through an account that the chart does not make',
    { ...IMAGE, account: { ref: 'shop/default', imports: 'Allowed' } },
    /account\.imports.*spec\.imports/su,
  ],
  [
    'imports in other words',
    { ...IMAGE, account: { ...CHART_ACCOUNT.account, imports: 'All' } },
    /account\/imports/u,
  ],
  [
    'namespaces that may use an account that the chart does not make',
    { ...IMAGE, account: { ref: 'shop/default', allowedNamespaces: 'Same' } },
    /account\.allowedNamespaces.*spec\.allowedNamespaces/su,
  ],
  [
    'namespaces in other words',
    { ...IMAGE, account: { ...CHART_ACCOUNT.account, allowedNamespaces: 'Some' } },
    /account\/allowedNamespaces/u,
  ],
  ['an account without its namespace', { ...IMAGE, account: { ref: 'default' } }, /account\/ref/u],
  [
    'two pods that both lead',
    { ...IMAGE, operator: { leaderElect: false } },
    /operator\.leaderElect=false.*replicaCount=1/su,
  ],
  [
    'a proxy with a password, which it does not repeat',
    { ...IMAGE, proxy: { httpsProxy: `http://me:${TOKEN}@proxy:3128` } },
    new RegExp(`^(?!.*${TOKEN}).*proxy\\.httpsProxy must not contain .*secretKeyRef`, 'su'),
  ],
  ['a SOCKS proxy', { ...IMAGE, proxy: { httpProxy: 'socks5://proxy' } }, /proxy\.httpProxy must be .*HTTP/u],
  [
    'a host that only begins like loopback',
    { ...IMAGE, operator: { twilioBaseUrl: 'http://127.0.0.1.example.com' } },
    /operator\.twilioBaseUrl must begin with https/u,
  ],
  [
    'a ServiceAccount that nobody names',
    { ...IMAGE, serviceAccount: { create: false } },
    /serviceAccount\.name is required/u,
  ],
  [
    'two budgets in one',
    { ...IMAGE, podDisruptionBudget: { minAvailable: 1, maxUnavailable: 1 } },
    /minAvailable and podDisruptionBudget\.maxUnavailable/u,
  ],
  [
    'a budget that blocks every drain',
    { ...IMAGE, podDisruptionBudget: { maxUnavailable: 0 } },
    /podDisruptionBudget\/maxUnavailable/u,
  ],
  [
    'a policy that holds for no pod',
    { ...IMAGE, hostNetwork: true, networkPolicy: { enabled: true } },
    /networkPolicy\.enabled has no effect with hostNetwork/u,
  ],
  [
    'a label by which the release finds its objects',
    { ...IMAGE, commonLabels: { 'app.kubernetes.io/name': 'sinks' } },
    /app\.kubernetes\.io\/name.*commonLabels/u,
  ],
  ['a probe in other words', { ...IMAGE, livenessProbe: { period: 5 } }, /livenessProbe.*'period'/su],
  [
    'alerts on metrics that nobody serves',
    { ...IMAGE, metrics: { enabled: false }, prometheusRule: { enabled: true } },
    /prometheusRule\.enabled.*metrics\.enabled=true/su,
  ],
  [
    'a policy that keeps the proxy out',
    { ...IMAGE, networkPolicy: { enabled: true }, proxy: { httpsProxy: 'http://proxy.example.com:3128' } },
    /port 3128.*networkPolicy\.egress/su,
  ],
  ['one port for two servers', { ...IMAGE, health: { port: 8080 } }, /metrics\.port and health\.port/u],
]

/** Options that the operator ends with at its start; the values that give them must not get so far. */
const REFUSED_BY_THE_OPERATOR: readonly [option: string, text: string][] = [
  ['twilioBaseUrl', 'http://events.twilio.com'],
  ['twilioBaseUrl', 'https://me:geheim@events.twilio.com'],
  ['twilioBaseUrl', 'https://events.twilio.com?a=b'],
  ['twilioBaseUrl', 'events.twilio.com'],
  ['settleTime', '10s'],
  ['settleTime', '29.999s'],
  ['callTimeout', '31s'],
  ['callTimeout', '0s'],
  ['pollInterval', '25h'],
  ['pollInterval', '14s'],
  ['settlingPollInterval', '6m'],
  ['renewDeadline', '15s'],
  ['leaseDuration', '10000ms'],
  ['retryPeriod', '10s'],
  ['retryPeriod', '1d'],
  ['maxCallsPerAccount', '10001'],
  ['leaderElect', 'no'],
  ['logLevel', 'verbose'],
]

describe.skipIf(helmMissing !== undefined)('values that cannot be', () => {
  let helm: Command
  beforeAll(async () => {
    helm = await helmFor(sharedCluster())
  })

  test.for(WRONG)('%s: refused before anything is applied, by name', async ([, values, named]) => {
    expect(await helmRefusal(helm, values)).toMatch(named)
  })

  test.for(REFUSED_BY_THE_OPERATOR)('operator.%s=%s: refused by Helm as by the operator', async (given) => {
    const [option, text] = given
    const flag = `--${option.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)}=${text}`
    expect(readOptions(OPERATOR_OPTIONS, [flag], {}).ok).toBe(false)
    const value = /^\d+$/u.test(text) ? Number(text) : text
    const told = await helmRefusal(helm, { ...IMAGE, operator: { [option]: value } })
    expect(told).toMatch(/operator[./]/u)
    expect(told).not.toContain('geheim')
  })

  test('a credential in the place of a name is refused without being repeated', async () => {
    const places: Values[] = [
      { ...IMAGE, account: { sid: TOKEN, existingSecret: 'twilio' } },
      { ...IMAGE, account: { ...CHART_ACCOUNT.account, existingSecret: `${TOKEN}_` } },
    ]
    for (const values of places) expect(await helmRefusal(helm, values)).not.toContain(TOKEN)
  })

  test.for([
    'http://localhost:8080',
    'http://127.0.0.1:8080/v1',
    'http://[::1]',
    'https://events.example.com',
  ])('%s is a base URL for the chart, as it is for the operator', async (twilioBaseUrl) => {
    await expect(helmRefusal(helm, { ...IMAGE, operator: { twilioBaseUrl } })).rejects.toThrow('helm took')
  })

  test('the chart as it stands has nothing that helm lint complains about', async () => {
    const args = ['lint', '--strict', CHART, '--values', '-']
    const { code, stdout, stderr } = await helm(args, JSON.stringify({ ...IMAGE, ...CHART_ACCOUNT }))
    expect(`${stdout}${stderr}`).toMatch(/1 chart\(s\) linted, 0 chart\(s\) failed/u)
    expect(code).toBe(0)
  })

  test('a chart that contains this one may hand down its globals', async () => {
    await expect(helmRefusal(helm, { ...IMAGE, global: { region: 'eu' } })).rejects.toThrow('helm took')
  })
})
