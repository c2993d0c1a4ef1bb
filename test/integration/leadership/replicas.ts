import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { condition, type SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { hex, newRandomSid } from '../../rigs/simulator/sids.ts'
import type { ClusterAccess } from '../../rigs/control-plane/cluster-access.ts'
import { sharedCluster } from '../../rigs/control-plane/shared-cluster.ts'
import type { Exchange } from '../../rigs/proxy/exchange.ts'
import { writeKubeconfigThrough } from '../../rigs/proxy/kubeconfig-through.ts'
import { startProxy, type Proxy } from '../../rigs/proxy/proxy.ts'
import { startSimulator, type Simulator } from '../../rigs/simulator/simulator.ts'
import { startOperator, type OperatorProcess } from '../operator/operator-process.ts'
import { giveAccount } from '../operator/stage.ts'

/**
 * Shorter than the defaults, in about their proportions. A leader steps down when it stood still for half of the renew
 * deadline, as any process may for a second or two on a machine with much else to do.
 */
export const SHORT_LEASE = {
  'lease-duration': '12s',
  'renew-deadline': '8s',
  'retry-period': '1s',
} as const
/** Both of SHORT_LEASE, milliseconds. */
export const RENEW_DEADLINE = 8_000
export const LEASE_DURATION = 12_000
/** Far below the rest of the lease, which somebody would have to wait for who was not let in; milliseconds. */
export const LET_IN = 6_000

/** One replica, and everything that it sends, seen by a proxy of its own. */
export interface Replica {
  readonly operator: OperatorProcess
  readonly proxy: Proxy
  /** What it asked for that changes something: writes at the API server, leases apart, and at Twilio. */
  changes(since?: number): readonly Exchange[]
  /** Everything that it sent to Twilio. */
  twilioCalls(since?: number): readonly Exchange[]
  /** To be handed to the two above. */
  mark(): number
  freeze(): void
  thaw(): void
  isLeading(): Promise<boolean>
}

export interface House {
  readonly cluster: ClusterAccess
  readonly namespace: string
  readonly simulator: Simulator
  kubectl(args: readonly string[], stdin?: string): Promise<string>
  apply(object: unknown): Promise<string>
  sink(name: string): Promise<SinkObject>
  ready(name: string): Promise<SinkObject>
  /** Starts one more replica of the same installation. */
  replica(flags?: Readonly<Record<string, string>>): Promise<Replica>
  lease(): Promise<LeaseObject>
  end(): Promise<void>
}

export interface LeaseObject {
  readonly metadata: { readonly resourceVersion: string }
  readonly spec: {
    readonly holderIdentity?: string
    readonly leaseDurationSeconds?: number
    readonly acquireTime?: string
    readonly renewTime?: string
    readonly leaseTransitions?: number
  }
}

/** A namespace with an account at a simulator, for replicas to come. */
export async function openHouse(name: string): Promise<House> {
  const cluster = sharedCluster()
  const namespace = `${name}-${hex(3)}`
  await cluster.createNamespace(namespace)
  const account = { accountSid: newRandomSid('AC'), token: `token-${hex(12)}` }
  const simulator = await startSimulator({
    accounts: [{ sid: account.accountSid, authToken: account.token }],
  })
  const replicas: Replica[] = []
  const kubectl = async (args: readonly string[], stdin?: string): Promise<string> => {
    const { stdout, stderr, code } = await cluster.kubectl(['-n', namespace, ...args], stdin)
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`)
    return stdout
  }
  const apply = (object: unknown): Promise<string> => kubectl(['apply', '-f', '-'], JSON.stringify(object))
  const json = async <T>(...args: readonly string[]): Promise<T> =>
    JSON.parse(await kubectl(['get', ...args, '-o', 'json'])) as T
  await giveAccount({ kubectl, apply, ...account })
  const house: House = {
    cluster,
    namespace,
    simulator,
    kubectl,
    apply,
    sink: (sink) => json('sink', sink),
    ready: (sink) =>
      until(`${sink} is Ready`, async () => {
        const object = await house.sink(sink)
        return condition(object, 'Ready')?.status === 'True' && object
      }),
    replica: async (flags = {}) => {
      const replica = await startReplica(house, flags)
      replicas.push(replica)
      return replica
    },
    lease: () => json('lease', 'twilio-sink-operator'),
    end: async () => {
      for (const replica of replicas) replica.thaw()
      await Promise.all(replicas.map(({ operator }) => operator.stop()))
      await Promise.all(replicas.map(({ proxy }) => proxy.stop()))
      await simulator.stop()
    },
  }
  return house
}

async function startReplica(
  { cluster, namespace, simulator }: House,
  flags: Readonly<Record<string, string>>,
): Promise<Replica> {
  const ca = await readFile(cluster.certificateAuthorityPath, 'utf8')
  const proxy = await startProxy({
    kubernetes: { url: cluster.url, ca },
    twilio: { url: simulator.url },
  })
  const kubeconfig = join(cluster.folder, `replica-${hex(4)}.kubeconfig`)
  await writeKubeconfigThrough(cluster.kubeconfigPath, proxy.kubernetesUrl, kubeconfig)
  const operator = await startOperator({
    kubeconfig,
    'twilio-base-url': proxy.twilioUrl,
    'watch-namespaces': namespace,
    namespace,
    'leader-elect': 'true',
    ...SHORT_LEASE,
    ...flags,
  })
  const since = (mark = 0) => proxy.log().slice(mark)
  return {
    operator,
    proxy,
    changes: (mark) => since(mark).filter((one) => one.method !== 'GET' && !one.name.endsWith(':leases')),
    twilioCalls: (mark) => since(mark).filter(({ side }) => side === 'twilio'),
    mark: () => proxy.log().length,
    freeze: () => void process.kill(operator.pid, 'SIGSTOP'),
    thaw: () => {
      // One that has ended is not there to be thawed.
      try {
        process.kill(operator.pid, 'SIGCONT')
      } catch {
        return
      }
    },
    isLeading: async () => {
      const text = await (await fetch(operator.metricsUrl)).text()
      return text.includes('leader_election_master_status{name="twilio-sink-operator"} 1')
    },
  }
}

/** Until the replica leads; resolves to how many milliseconds that took. */
export async function leads(replica: Replica, within?: number): Promise<number> {
  const began = performance.now()
  await until('the replica leads', () => replica.isLeading(), within)
  return performance.now() - began
}
