import { condition, isReady, type SinkObject } from '../../rigs/sink-object.ts'
import { hex, newRandomSid } from '../../rigs/simulator/sids.ts'
import type { SimulatorAdmin } from '../../rigs/simulator/admin.ts'
import { startSimulator } from '../../rigs/simulator/simulator.ts'
import type { SettingsInput } from '../../rigs/simulator/settings.ts'
import { apiAccess } from '../../rigs/control-plane/api-access.ts'
import type { ClusterAccess } from '../../rigs/control-plane/cluster-access.ts'
import { sharedCluster } from '../../rigs/control-plane/shared-cluster.ts'
import { until } from '../../rigs/until.ts'
import { startOperator, type OperatorFlags, type OperatorProcess } from './operator-process.ts'

/** A namespace, an account at a simulated Twilio, and an operator that sees nothing else. */
export interface Stage {
  readonly cluster: ClusterAccess
  readonly namespace: string
  readonly accountSid: string
  readonly token: string
  readonly simulator: { readonly url: string; readonly admin: SimulatorAdmin }
  readonly operator: () => OperatorProcess
  /** kubectl in the namespace; rejects when it fails. */
  readonly kubectl: (args: readonly string[], stdin?: string) => Promise<string>
  readonly apply: (object: unknown) => Promise<string>
  /** Undefined: it is not there, or the API server does not answer. */
  get<T = SinkObject>(resource: 'sinks' | 'twilioaccounts', name: string): Promise<T | undefined>
  restart(flags?: Readonly<Record<string, string>>): Promise<void>
  end(): Promise<void>
}

export interface StageOptions {
  readonly name: string
  readonly settings?: SettingsInput
  readonly flags?: Readonly<Record<string, string>>
  /** False: neither Secret nor TwilioAccount are made. */
  readonly account?: boolean
  /** Default: the shared one. Another is given the CRDs. */
  readonly cluster?: ClusterAccess
  /** Another way to start the operator, and to start it again. */
  readonly start?: (flags: OperatorFlags) => Promise<OperatorProcess>
  /** The operator sees all namespaces: only for a cluster that nobody else uses. */
  readonly watchAll?: boolean
  /** The namespace, account and Twilio of another stage, in another cluster. */
  readonly rebuilds?: Stage
}

const NO_ANSWER = { status: 0, body: undefined }

export async function setStage({
  name,
  settings,
  flags,
  account = true,
  cluster: own,
  start = startOperator,
  watchAll = false,
  rebuilds,
}: StageOptions): Promise<Stage> {
  await own?.applyCrds('crds')
  const cluster = own ?? sharedCluster()
  const namespace = rebuilds?.namespace ?? `${name}-${hex(3)}`
  await cluster.createNamespace(namespace)
  const accountSid = rebuilds?.accountSid ?? newRandomSid('AC')
  const token = rebuilds?.token ?? `token-${hex(12)}`
  const api = apiAccess(cluster)
  const simulator = await twilioFor(rebuilds, { settings, accounts: [{ sid: accountSid, authToken: token }] })
  const base = {
    kubeconfig: cluster.kubeconfigPath,
    'twilio-base-url': simulator.url,
    ...(watchAll ? {} : { 'watch-namespaces': namespace }),
    namespace,
    ...flags,
  }
  let operator = await start(base)
  const kubectl = async (args: readonly string[], stdin?: string): Promise<string> => {
    const { stdout, stderr, code } = await cluster.kubectl(['-n', namespace, ...args], stdin)
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`)
    return stdout
  }
  const stage: Stage = {
    cluster,
    namespace,
    accountSid,
    token,
    simulator,
    operator: () => operator,
    kubectl,
    apply: (object) => kubectl(['apply', '-f', '-'], JSON.stringify(object)),
    get: async <T>(resource: string, object: string) => {
      const path = `/apis/events.twilio.com/v1alpha1/namespaces/${namespace}/${resource}/${object}`
      const { status, body } = await api('GET', path).catch(() => NO_ANSWER)
      return status === 200 ? (body as T) : undefined
    },
    restart: async (more) => {
      operator = await start({ ...base, ...more })
    },
    end: async () => {
      await operator.stop()
      await simulator.stop()
    },
  }
  if (account) await giveAccount(stage)
  return stage
}

/** A Twilio that another stage has begun is ended there. */
async function twilioFor(rebuilds: Stage | undefined, options: Parameters<typeof startSimulator>[0]) {
  if (rebuilds === undefined) return startSimulator(options)
  return { ...rebuilds.simulator, stop: async () => undefined }
}

/** The Secret `twilio` and the TwilioAccount `default`. */
export async function giveAccount({
  kubectl,
  apply,
  token,
  accountSid,
}: Pick<Stage, 'kubectl' | 'apply' | 'token' | 'accountSid'>): Promise<void> {
  await giveCredentials({ kubectl, token })
  await apply({
    apiVersion: 'events.twilio.com/v1alpha1',
    kind: 'TwilioAccount',
    metadata: { name: 'default' },
    spec: { accountSid, credentialsSecretRef: { name: 'twilio' } },
  })
}

/** The Secret that the account names. */
export async function giveCredentials({ kubectl, token }: Pick<Stage, 'kubectl' | 'token'>): Promise<void> {
  await kubectl(['create', 'secret', 'generic', 'twilio', `--from-literal=TWILIO_AUTH_TOKEN=${token}`])
}

/** From now on Sinks of all namespaces may use the account. */
export async function lendToAll({ kubectl }: Pick<Stage, 'kubectl'>): Promise<void> {
  const spec = { allowedNamespaces: { from: 'All' } }
  await kubectl(['patch', 'twilioaccount', 'default', '--type=merge', '-p', JSON.stringify({ spec })])
}

export const sink = (name: string, spec: Readonly<Record<string, unknown>> = {}): unknown => ({
  apiVersion: 'events.twilio.com/v1alpha1',
  kind: 'Sink',
  metadata: { name },
  spec: {
    description: `Events for ${name}`,
    ...(['webhook', 'kinesis', 'segment'].some((type) => type in spec)
      ? {}
      : { webhook: { destination: `https://${name}.example.com/events` } }),
    ...spec,
  },
})

export const ready = (stage: Stage, name: string) =>
  until(`${name} is Ready`, async () => {
    const object = await stage.get('sinks', name)
    return object !== undefined && isReady(object) && object
  })

export const readyReason = (stage: Stage, name: string, reason: string) =>
  until(`${name} has Ready reason ${reason}`, async () => {
    const object = await stage.get('sinks', name)
    return condition(object, 'Ready')?.reason === reason && object
  })
