import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { hex, newRandomSid } from '../../rigs/simulator/sids.ts'
import { apiCalls } from '../../rigs/control-plane/api-access.ts'
import type { ClusterAddress } from '../../rigs/control-plane/cluster-access.ts'
import { writeKubeconfigThrough } from '../../rigs/proxy/kubeconfig-through.ts'
import { startProxy, type Proxy } from '../../rigs/proxy/proxy.ts'
import { startSimulator, type Simulator } from '../../rigs/simulator/simulator.ts'
import { createNamespace, type Manifest, type Namespace } from './namespace.ts'
import { operatorControl, type OperatorControl } from './operator-process.ts'
import { twilioPerson, type TwilioPerson } from './twilio-person.ts'

/** One operator and the proxy in front of it. */
export interface LaneReplica {
  readonly proxy: Proxy
  readonly operator: OperatorControl
  readonly logPath: string
}

/** A world of its own on the shared API server: namespace, Twilio account and simulator, one or two operators. */
export interface Lane {
  readonly name: string
  readonly namespace: Namespace
  readonly simulator: Simulator
  readonly accountSid: string
  readonly person: TwilioPerson
  readonly replicas: readonly [LaneReplica, ...LaneReplica[]]
  /** The auth token that is valid now; a rotation changes it. */
  token: string
  end(): Promise<void>
}

/** The TwilioAccount of a lane, which stays: all others belong to one run. */
export const DEFAULT = 'default'

/** The replica that acts: of two, the one that was last seen to look at Twilio. */
export function leaderOf({ replicas }: Lane): LaneReplica {
  const lookedAt = ({ proxy }: LaneReplica): number =>
    proxy.log().findLast(({ name }) => name === 'twilio:LIST:Sinks')?.at ?? 0
  return replicas.reduce((leader, one) => (lookedAt(one) > lookedAt(leader) ? one : leader))
}

export interface LaneOptions {
  readonly cluster: ClusterAddress
  readonly replicas: 1 | 2
  /** So long LISTs at Twilio are behind, in milliseconds; default 0. */
  readonly listLagMs?: number | undefined
  /** Where logs go. */
  readonly folder: string
}

export async function openLane({ cluster, replicas, folder, listLagMs = 0 }: LaneOptions): Promise<Lane> {
  const name = `crash-${hex(3)}`
  mkdirSync(folder, { recursive: true })
  const accountSid = newRandomSid('AC')
  const token = `token-${hex(12)}`
  const key = { sid: newRandomSid('SK'), secret: `secret-${hex(12)}` }
  const simulator = await startSimulator({
    settings: { listLagMs },
    accounts: [{ sid: accountSid, authToken: token, keys: [key] }],
  })
  const namespace = await createNamespace(apiCalls(cluster), name)
  await namespace.create(secretManifest('twilio', { TWILIO_AUTH_TOKEN: token }))
  await namespace.create(laneAccount(DEFAULT, accountSid, 'twilio'))
  const open = (index: number): Promise<LaneReplica> =>
    openReplica({
      cluster,
      simulator,
      namespace: name,
      path: join(folder, `${name}-${index}`),
      elect: replicas > 1,
    })
  const first = await open(0)
  const all: Lane['replicas'] = replicas === 1 ? [first] : [first, await open(1)]
  const lane: Lane = {
    name,
    namespace,
    simulator,
    accountSid,
    person: twilioPerson(simulator.url, key),
    replicas: all,
    token,
    end: async () => {
      await Promise.all(all.map(({ operator }) => operator.stop()))
      await Promise.all(all.map(({ proxy }) => proxy.stop()))
      await simulator.stop()
    },
  }
  for (const { operator } of all) operator.start()
  return lane
}

interface ReplicaOptions {
  readonly cluster: ClusterAddress
  readonly simulator: Simulator
  readonly namespace: string
  /** Of its files, without an ending. */
  readonly path: string
  readonly elect: boolean
}

async function openReplica(options: ReplicaOptions): Promise<LaneReplica> {
  const { cluster, simulator, namespace, path, elect } = options
  const ca = await readFile(cluster.certificateAuthorityPath, 'utf8')
  const proxy = await startProxy({ kubernetes: { url: cluster.url, ca }, twilio: { url: simulator.url } })
  // The operator names the folder in its arguments, so that it dies with the control plane, however this ends.
  const kubeconfig = join(cluster.folder, `${basename(path)}.kubeconfig`)
  await writeKubeconfigThrough(cluster.kubeconfigPath, proxy.kubernetesUrl, kubeconfig)
  const logPath = `${path}.log`
  const flags = {
    kubeconfig,
    'twilio-base-url': proxy.twilioUrl,
    'watch-namespaces': namespace,
    namespace,
    'leader-elect': String(elect),
    'metrics-address': '0',
    'health-address': '0',
    'log-level': 'debug',
  }
  return { proxy, operator: operatorControl({ flags, logPath, runFolder: cluster.folder }), logPath }
}

export const secretManifest = (name: string, values: Readonly<Record<string, string>>): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData: values,
})

export const laneAccount = (name: string, accountSid: string, secretName: string): Manifest => ({
  apiVersion: 'events.twilio.com/v1alpha1',
  kind: 'TwilioAccount',
  metadata: { name },
  spec: { accountSid, credentialsSecretRef: { name: secretName } },
})
