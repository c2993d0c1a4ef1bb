import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { Pod } from './pod.ts'
import { startPod, type PodPlace, type PodProcess } from './pod-process.ts'

/** In place of a kubelet and a container runtime: each Pod of one Node is a process on this machine. */
export type Kubelet = {
  /** Of all Pods so far, oldest first, those that have ended too. */
  readonly processes: readonly PodProcess[]
  /** Ends every process. Rejects when one has ended by itself, with its last words. */
  stop(): Promise<void>
}

const LOOK_EVERY_MS = 150
const MAX_RESTARTS = 5
/**
 * A container is started again, as anywhere, when a busy machine has kept a leader from renewing its Lease. That its
 * port was taken by somebody else meanwhile happens here only.
 */
const FORGIVEN = /LeadershipLost|is in use by another process/u
/** What `kwok-stages.yaml` waits for. */
const ANNOTATION = 'test.example/process'
const PodList = z.object({ items: z.array(z.unknown()) })

export function startKubelet(node: string, place: PodPlace): Kubelet {
  const { api } = place
  const all: PodProcess[] = []
  const started = new Map<string, PodProcess>()
  const told = new Set<string>()
  const stopping = new Map<string, Promise<void>>()
  const accidents: unknown[] = []
  let over = false

  const pods = async (): Promise<Pod[]> => {
    const { status, body } = await api('GET', `/api/v1/pods?fieldSelector=spec.nodeName=${node}`)
    return status === 200 ? PodList.parse(body).items.map((item) => Pod.parse(item)) : []
  }

  const tell = async ({ metadata: { namespace, name } }: Pod, state: 'ready' | 'ended'): Promise<void> => {
    const body = { metadata: { annotations: { [ANNOTATION]: state } } }
    await api('PATCH', `/api/v1/namespaces/${namespace}/pods/${name}`, { type: 'merge-patch+json', body })
  }

  const start = async (pod: Pod, restarts = 0): Promise<void> => {
    const process = await startPod(pod, place)
    started.set(pod.metadata.uid, process)
    all.push(process)
    // Its Pod may have been told to go meanwhile.
    if (over || stopping.has(pod.metadata.uid)) await process.stop()
    void process.ended.then(async (code) => {
      if (over || stopping.has(pod.metadata.uid)) return
      if (code === 1 && FORGIVEN.test(process.log()) && restarts < MAX_RESTARTS)
        await start(pod, restarts + 1)
      else accidents.push(new Error(`Pod ${pod.metadata.name} ended with ${code}: ${process.log()}`))
    })
  }

  const end = (pod: Pod): Promise<void> => {
    const { uid } = pod.metadata
    const ending =
      stopping.get(uid) ?? (started.get(uid)?.stop() ?? Promise.resolve()).then(() => tell(pod, 'ended'))
    stopping.set(uid, ending)
    return ending
  }

  const visit = async (pod: Pod): Promise<void> => {
    const { uid, deletionTimestamp } = pod.metadata
    const process = started.get(uid)
    if (deletionTimestamp !== undefined) {
      // Not awaited: another Pod may be waiting for this one to end.
      end(pod).catch((error: unknown) => accidents.push(error))
    } else if (process === undefined) {
      if (pod.status.phase === 'Running') await start(pod)
    } else if (!told.has(uid) && (await process.answers())) {
      await tell(pod, 'ready')
      told.add(uid)
    }
  }

  const work = async (): Promise<void> => {
    while (!over) {
      try {
        for (const pod of await pods()) await visit(pod)
      } catch (error) {
        accidents.push(error)
      }
      await sleep(LOOK_EVERY_MS)
    }
  }
  const working = work()

  return {
    processes: all,
    stop: async () => {
      over = true
      await working
      await Promise.all([...started.values()].map(({ pod }) => end(pod)))
      if (accidents.length > 0) throw new AggregateError(accidents, accidents.map(String).join('\n'))
    },
  }
}
