import { z } from 'zod'
import { type Keys } from '../holds/holds-stage.ts'
import { until } from '../../rigs/until.ts'
import { hex, newRandomSid } from '../../rigs/simulator/sids.ts'
import { startControlPlane, type ControlPlane } from '../../rigs/control-plane/control-plane.ts'
import { helmFor } from '../../rigs/control-plane/helm.ts'
import { IMAGE, INSTALL_NAMESPACE, RELEASE, render, type ChartObject } from '../chart/chart.ts'
import type { SimulatorAdmin } from '../../rigs/simulator/admin.ts'
import { apiCaller } from '../../rigs/simulator/api-caller.ts'
import { startSimulator } from '../../rigs/simulator/simulator.ts'
import { apiAccess, type ApiAccess } from '../../rigs/control-plane/api-access.ts'
import { startOperator, type OperatorProcess } from '../operator/operator-process.ts'
import { watchHistory, type SeenChange, type History } from './history.ts'
import { unreadableAccount } from './unreadable.ts'
import { bind, createTenant, pathOf, type Tenant } from './tenant.ts'

/** `*`: whatever there is in the namespace, statuses too, which none of the chart's roles gives. */
export type Role = 'view' | 'edit' | 'admin' | '*'

/** An account at Twilio, and a key of it. */
export interface AtTwilio {
  readonly accountSid: string
  readonly keys: Keys
  /** The key's SID. */
  readonly user: string
}

/** A cluster with the chart's own roles, an operator that looks after all of it, and a Twilio of many accounts. */
export interface Tenancy {
  readonly cluster: ControlPlane
  /** As the administrator of the cluster. */
  readonly api: ApiAccess
  readonly admin: SimulatorAdmin
  readonly history: History
  readonly operator: OperatorProcess
  readonly tenants: readonly Tenant[]
  /** Behind the account of all Sinks that name none and have no `default` beside them. */
  readonly shared: AtTwilio
  /** A TwilioAccount that the operator cannot read, for the account SID of somebody else, who has not begun yet. */
  readonly unreadable: { readonly tenant: Tenant; readonly twilio: AtTwilio }
  /** Every key that was ever made. */
  readonly twilios: readonly AtTwilio[]
  /** In a new namespace whose name begins so. `secrets`: false where the operator may not read them. */
  tenant(prefix: string, role: Role, secrets?: boolean): Promise<Tenant>
  /** A new account, or a new key of one. */
  twilio(accountSid?: string): Promise<AtTwilio>
  /** A sink that somebody makes by hand with that key; resolves with its SID. */
  makeSink(key: AtTwilio, description: string, destination: string): Promise<string>
  /** Resolves with the first change, of the past or the future, that is so. Rejects when there is none in time. */
  sees(what: string, is: (change: SeenChange) => boolean): Promise<SeenChange>
  /** Resolves when Twilio has been asked for the sinks with this key, from now on so many times. */
  polled(user: string, times?: number): Promise<void>
  /** Resolves when Twilio has been asked for anything with this key, from now on. */
  called(user: string): Promise<void>
  /** Everything that the tenants have is gone; nobody waits for what it stands for at Twilio. */
  clear(tenants: readonly Tenant[]): Promise<void>
  end(): Promise<void>
}

/** Milliseconds; in about the proportions of the defaults. */
export const TENANCY_POLL = 3_000
const FLAGS = {
  'poll-interval': `${TENANCY_POLL}ms`,
  'settling-poll-interval': '500ms',
  'call-timeout': '2s',
  'settle-time': '4s',
}
export const SHARED = { namespace: 'platform', name: 'shared' } as const
/** Every namespace may use the account. */
export const LENT = { allowedNamespaces: { from: 'All' } }
const READS_SECRETS = 'reads-secrets'
const RBAC = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
const POLLED_WITHIN_MS = 20_000
const SEEN_WITHIN_MS = 30_000

export async function openTenancy(): Promise<Tenancy> {
  const cluster = await startControlPlane()
  try {
    return await furnish(cluster)
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

async function furnish(cluster: ControlPlane): Promise<Tenancy> {
  await cluster.applyCrds('crds')
  const api = apiAccess(cluster)
  await install(cluster, api)
  const simulator = await startSimulator({ accounts: [] })
  const twilio = twilioOf(simulator.url, simulator.admin)
  const { tenants, open } = tenantsIn(cluster, api)
  // What the definitions let in is settled before anybody watches.
  const unreadable = { tenant: await open(`unreadable-${hex(3)}`, 'admin'), twilio: await twilio.twilio() }
  await unreadableAccount(api, unreadable.tenant, unreadable.twilio.accountSid)
  const history = await watchHistory(cluster)
  const operator = await startOperator({
    kubeconfig: await cluster.serviceAccountKubeconfig(INSTALL_NAMESPACE, RELEASE),
    'twilio-base-url': simulator.url,
    namespace: INSTALL_NAMESPACE,
    'default-account': `${SHARED.namespace}/${SHARED.name}`,
    'log-level': 'info',
    ...FLAGS,
  })
  const shared = await twilio.twilio()
  const platform = await open(SHARED.namespace, 'admin')
  await platform.account(SHARED.name, shared.accountSid, shared.keys, LENT)
  await platform.sink('first-of-platform', { accountRef: { name: SHARED.name } })
  return {
    ...{ cluster, api, history, operator, tenants, shared, unreadable, ...twilio },
    admin: simulator.admin,
    tenant: (prefix, role, secrets) => open(`${prefix}-${hex(3)}`, role, secrets),
    sees: async (what, is) => {
      const seen = await history.first(is, SEEN_WITHIN_MS)
      if (seen === undefined) throw new Error(`Not seen within ${SEEN_WITHIN_MS} ms: ${what}`)
      return seen
    },
    clear: (which) => clear(api, which),
    end: async () => {
      await operator.stop()
      history.end()
      await simulator.stop()
      await cluster.stop()
    },
  }
}

function tenantsIn(cluster: ControlPlane, api: ApiAccess) {
  const tenants: Tenant[] = []
  const operator = { kind: 'ServiceAccount', name: RELEASE, namespace: INSTALL_NAMESPACE } as const
  const readers = { name: READS_SECRETS, clusterRole: READS_SECRETS, subject: operator }
  const open = async (namespace: string, role: Role, secrets = true): Promise<Tenant> => {
    await cluster.createNamespace(namespace)
    if (secrets) await bind(api, namespace, readers)
    const tenant = await createTenant(api, namespace, role === '*' ? 'everything' : role)
    tenants.push(tenant)
    return tenant
  }
  return { tenants, open }
}

function twilioOf(
  url: string,
  admin: SimulatorAdmin,
): Pick<Tenancy, 'twilios' | 'twilio' | 'makeSink' | 'polled' | 'called'> {
  const call = apiCaller(url)
  const twilios: AtTwilio[] = []
  return {
    twilios,
    twilio: async (account) => {
      const accountSid = account ?? newRandomSid('AC')
      const [user, password] = [newRandomSid('SK'), `secret-${hex(16)}`]
      if (account === undefined) await admin.addAccount({ sid: accountSid, authToken: `token-${hex(16)}` })
      await admin.addCredential({ username: user, password, account: accountSid })
      const made = { accountSid, user, keys: { TWILIO_API_KEY: user, TWILIO_API_SECRET: password } }
      twilios.push(made)
      return made
    },
    makeSink: async ({ user, keys }, description, destination) => {
      const configuration = { destination, method: 'POST', batch_events: false }
      const { status, body } = await call('POST', '/v1/Sinks', {
        as: `${user}:${keys['TWILIO_API_SECRET'] ?? ''}`,
        form: {
          Description: description,
          SinkType: 'webhook',
          SinkConfiguration: JSON.stringify(configuration),
        },
      })
      if (status !== 201) throw new Error(`A sink by hand: ${status} ${String(body.message)}`)
      return body.sid
    },
    called: async (user) => {
      const since = (await admin.journal()).at(-1)?.sequence ?? 0
      await until(
        `a call with ${user}`,
        async () => (await admin.journal(since)).some(({ credential }) => credential === user),
        POLLED_WITHIN_MS,
      )
    },
    polled: async (user, times = 1) => {
      const since = (await admin.journal()).at(-1)?.sequence ?? 0
      await until(
        `${times} LISTs with ${user}`,
        async () => {
          const lists = (await admin.journal(since)).filter(
            ({ operation, credential }) => operation === 'ListSink' && credential === user,
          )
          return lists.length >= times
        },
        POLLED_WITHIN_MS * times,
      )
    },
  }
}

/**
 * The chart's roles as they are, but for one rule: Secrets are read by leave of each namespace, so that there can be one
 * in which they cannot be read. The roles of people get what the chart adds to them, as a controller of Kubernetes does it.
 */
async function install(cluster: ControlPlane, api: ApiAccess): Promise<void> {
  await cluster.createNamespace(INSTALL_NAMESPACE)
  const { objects } = await render(await helmFor(cluster), IMAGE, { namespace: INSTALL_NAMESPACE })
  const rights = objects.filter(
    ({ apiVersion, kind }) => /^rbac\./u.test(apiVersion) || kind === 'ServiceAccount',
  )
  const roles = rights.map((object) => (isOperators(object) ? withoutSecrets(object) : object))
  const more = [
    clusterRole(READS_SECRETS, { apiGroups: [''], resources: ['secrets'], verbs: ['get'] }),
    clusterRole('everything', { apiGroups: ['*'], resources: ['*'], verbs: ['*'] }),
  ]
  const list = { apiVersion: 'v1', kind: 'List', items: [...roles, ...more] }
  const { code, stderr } = await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(list))
  if (code !== 0) throw new Error(stderr)
  for (const role of ['view', 'edit', 'admin']) await aggregate(api, role)
}

const Rule = z.looseObject({
  apiGroups: z.array(z.string()).default([]),
  resources: z.array(z.string()).default([]),
})
const Roles = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()).default({}) }),
      rules: z.array(Rule).nullish(),
    }),
  ),
})

const clusterRole = (name: string, rule: object): ChartObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name },
  rules: [rule],
})

const isOperators = ({ kind, metadata }: ChartObject): boolean =>
  kind === 'ClusterRole' && !/\.(?:view|edit|admin)$/u.test(metadata.name)

function withoutSecrets(role: ChartObject): ChartObject {
  const rules = z.array(Rule).parse(role['rules'])
  const others = rules.filter(({ resources }) => !resources.includes('secrets'))
  if (others.length !== rules.length - 1) throw new Error('the chart has not one rule for Secrets')
  return { ...role, rules: others }
}

async function aggregate(api: ApiAccess, role: string): Promise<void> {
  const { items } = Roles.parse((await api('GET', RBAC)).body)
  const label = `rbac.authorization.k8s.io/aggregate-to-${role}`
  const rules = items
    .filter(({ metadata }) => metadata.labels[label] === 'true')
    .flatMap((one) => one.rules ?? [])
  const { status } = await api('PATCH', `${RBAC}/${role}`, { type: 'merge-patch+json', body: { rules } })
  if (status !== 200) throw new Error(`ClusterRole ${role}: ${status}`)
}

async function clear(api: ApiAccess, tenants: readonly Tenant[]): Promise<void> {
  for (const { namespace } of tenants)
    for (const kind of ['Sink', 'TwilioAccount'] as const) {
      const { body } = await api('GET', pathOf(kind, namespace, ''))
      const { items } = z
        .object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) })
        .parse(body)
      const without = { type: 'merge-patch+json', body: { metadata: { finalizers: null } } } as const
      for (const { metadata } of items) {
        await api('DELETE', pathOf(kind, namespace, metadata.name))
        await api('PATCH', pathOf(kind, namespace, metadata.name), without)
      }
    }
}
