import { beforeAll, describe, expect, test } from 'vitest'
import { flagsOf } from '../../../src/options/flag.ts'
import { OPERATOR_OPTIONS } from '../../../src/options/options.ts'
import { readOptions } from '../../../src/options/read-options.ts'
import type { Command } from '../../rigs/control-plane/command.ts'
import { helmFor } from '../../rigs/control-plane/helm.ts'
import { sharedCluster } from '../../rigs/control-plane/shared-cluster.ts'
import { CHART_ACCOUNT, IMAGE, INSTALL_NAMESPACE, render, type Values } from './chart.ts'
import { containerOf } from './deployment-shape.ts'
import { helmMissing } from './helm-or-skip.ts'

/** What the pod has in its environment. */
const ENVIRONMENT = { POD_NAMESPACE: INSTALL_NAMESPACE }

/** The pod has a service account, and its namespace is where its rights are: neither is for a value to say. */
const WITHOUT_VALUE = ['kubeconfig', 'namespace']

/** Each flag, the value that is it, and something else than the default. */
const EVERYTHING = {
  ...IMAGE,
  account: { ...CHART_ACCOUNT.account, imports: 'Allowed', allowedNamespaces: 'team=shop' },
  watchNamespaces: ['shop', 'depot'],
  operator: {
    twilioBaseUrl: 'https://events.example.com',
    installationId: 'one',
    requireSecretLabel: true,
    pollInterval: '10m',
    settlingPollInterval: '20s',
    callTimeout: '10s',
    settleTime: '90s',
    maxConcurrentReconciles: 32,
    maxCallsPerAccount: 2,
    leaderElect: false,
    leaseDuration: '30s',
    renewDeadline: '20s',
    retryPeriod: '3s',
    logLevel: 'debug',
  },
  replicaCount: 1,
  metrics: { port: 9090 },
  health: { port: 9091 },
}

describe.skipIf(helmMissing !== undefined)('the options of the operator', () => {
  let helm: Command
  beforeAll(async () => {
    helm = await helmFor(sharedCluster())
  })

  const argsOf = async (values: Values) => containerOf(await render(helm, values)).args
  const read = (args: readonly string[]) => {
    const reading = readOptions(OPERATOR_OPTIONS, args, ENVIRONMENT)
    if (reading.ok !== true) throw new Error(`the operator refuses ${args.join(' ')}`)
    return reading.options
  }

  test('have the same defaults in the chart, so that its table tells the truth', async () => {
    expect(read(await argsOf(IMAGE))).toEqual(read([]))
  })

  test('each have a value, which reaches the pod', async () => {
    const args = await argsOf(EVERYTHING)
    const other = await argsOf({ ...IMAGE, account: { ref: 'shop/default' } })
    const given = new Set([...args, ...other].map((arg) => /^--([^=]+)=/u.exec(arg)?.[1]))
    expect([...given].sort()).toEqual(
      flagsOf(OPERATOR_OPTIONS.schema)
        .map(({ name }) => name)
        .filter((name) => !WITHOUT_VALUE.includes(name))
        .sort(),
    )
    expect(read(other).defaultAccount).toBe('shop/default')
    expect(read(args)).toMatchObject({
      watchNamespaces: ['shop', 'depot'],
      defaultAccountSid: CHART_ACCOUNT.account.sid,
      defaultAccountSecret: CHART_ACCOUNT.account.existingSecret,
      defaultAccountImports: 'Allowed',
      defaultAccountAllowedNamespaces: { from: 'Selector', selector: { matchLabels: { team: 'shop' } } },
      requireSecretLabel: true,
      twilioBaseUrl: 'https://events.example.com',
      installationId: 'one',
      pollInterval: 600_000,
      settlingPollInterval: 20_000,
      callTimeout: 10_000,
      settleTime: 90_000,
      maxConcurrentReconciles: 32,
      maxCallsPerAccount: 2,
      leaderElect: false,
      leaseDuration: 30_000,
      renewDeadline: 20_000,
      retryPeriod: 3_000,
      logLevel: 'debug',
      metricsAddress: { port: 9090 },
      healthAddress: { port: 9091 },
    })
  })

  test('switch the metrics off, port, Service and all', async () => {
    const rendered = await render(helm, { ...IMAGE, metrics: { enabled: false } })
    const { args, ports } = containerOf(rendered)
    expect(read(args).metricsAddress).toBeUndefined()
    expect(ports.map(({ name }) => name)).toEqual(['health'])
    expect(rendered.objects.map(({ kind }) => kind)).not.toContain('Service')
  })
})
