import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { ClusterAddress } from '../../rigs/control-plane/cluster-access.ts'
import { adoptInto } from '../../rigs/control-plane/run-folder.ts'
import type { ApiAccess } from '../../rigs/control-plane/api-access.ts'
import type { PodImage } from './image.ts'
import { environmentOf, type Pod } from './pod.ts'
import { networkFor } from './pod-network.ts'
import { mountServiceAccount } from './service-account-mount.ts'

/** The container of a Pod, as a process with just its arguments, its environment and its token. */
export type PodProcess = {
  readonly pod: Pod
  isRunning(): boolean
  /** Whether both probes answer 200. */
  answers(): Promise<boolean>
  log(): string
  /** Bytes. */
  readonly requestedMemory: number
  /** The most memory that was ever resident, in bytes; 0 when that cannot be known here. */
  peakMemory(): number
  /** SIGTERM, and SIGKILL after the Pod's grace period; resolves when it has ended. */
  stop(): Promise<void>
  /** Resolves with the exit code; null after a signal. */
  readonly ended: Promise<number | null>
}

export type PodPlace = {
  readonly cluster: ClusterAddress
  readonly api: ApiAccess
  readonly image: PodImage
  readonly hosts: ReadonlyMap<string, string>
  /** Node's flags for what is loaded before the operator. */
  readonly flags?: readonly string[]
}

export async function startPod(pod: Pod, place: PodPlace): Promise<PodProcess> {
  const [container] = pod.spec.containers
  const network = await networkFor(container, place.hosts)
  const child = await spawnContainer(pod, network.args, place)
  const chunks: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => chunks.push(text))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const probes = [container.readinessProbe, container.livenessProbe].map((probe) => network.url(probe))
  let peak = 0
  const peakMemory = (): number => (peak = Math.max(peak, peakMemoryOf(child.pid ?? 0)))
  return {
    pod,
    ended,
    requestedMemory: parseInt(container.resources.requests.memory, 10) * 1024 * 1024,
    peakMemory,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    log: () => chunks.join(''),
    answers: async () => (await Promise.all(probes.map(isOk))).every(Boolean),
    stop: async () => {
      peakMemory()
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), pod.spec.terminationGracePeriodSeconds * 1000)
      await ended
      clearTimeout(timer)
    },
  }
}

async function spawnContainer(
  pod: Pod,
  args: readonly string[],
  { cluster, api, image, flags = [] }: PodPlace,
) {
  const [{ command }] = pod.spec.containers
  const mount = pod.spec.automountServiceAccountToken ? await mountServiceAccount(pod, cluster, api) : []
  const [program = '', ...entryPoint] = command ?? image.command
  const { hostname, port } = new URL(cluster.url)
  const kubernetes = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port }
  const child = spawn(program, [...flags, ...mount, ...entryPoint, ...args], {
    // A name in the run folder, so that it dies with it.
    argv0: join(cluster.folder, basename(program)),
    cwd: '/',
    env: { HOSTNAME: pod.metadata.name, ...kubernetes, ...environmentOf(pod) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (child.pid !== undefined) adoptInto(cluster.folder, child.pid)
  return child
}

const isOk = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    ({ status }) => status === 200,
    () => false,
  )

function peakMemoryOf(pid: number): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Number(kilobytes ?? 0) * 1024
  } catch {
    return 0
  }
}
