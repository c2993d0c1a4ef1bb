import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../rigs/until.ts'
import { countsBetween, isWritingKind, totalOf, type Counts, type Stretch } from './figures.ts'
import type { Form } from './form.ts'
import { foreignShare, processTime, residentOf } from './meters.ts'
import type { BenchScene } from './scene.ts'

/** So long nothing has been asked of anybody when a part of the run is over, milliseconds. */
const QUIET = 2_000
const LOOK_EVERY = 250

export interface Measured<T> {
  readonly result: T
  readonly stretch: Stretch
}

/** Until nothing follows from `work` any more; its seconds are those of the work alone. */
export async function measure<T>(
  scene: BenchScene,
  within: number,
  work: () => Promise<T>,
): Promise<Measured<T>> {
  const end = await begin(scene)
  const result = await work()
  const seconds = end.seconds()
  await quiet(scene, within)
  return { result, stretch: { seconds, ...(await end.figures()) } }
}

export async function measureRest(scene: BenchScene, ms: number): Promise<Stretch> {
  const end = await begin(scene)
  await sleep(ms)
  return { seconds: end.seconds(), ...(await end.figures()) }
}

/** What the API server and others have used since. */
export function serverCost(scene: BenchScene): () => Pick<Stretch, 'apiServerCpu' | 'foreign'> {
  const before = processTime(scene.apiServerPid())
  const foreign = foreignShare(() => scene.pids())
  return () => ({ apiServerCpu: processTime(scene.apiServerPid()) - before, foreign: foreign() })
}

async function begin(scene: BenchScene) {
  const before = await counted(scene)
  const operator = { pid: scene.operatorPid(), cpu: processTime(scene.operatorPid()) }
  const cost = serverCost(scene)
  const began = performance.now()
  return {
    seconds: () => (performance.now() - began) / 1_000,
    figures: async (): Promise<Omit<Stretch, 'seconds'>> => {
      const pid = scene.operatorPid()
      const costs = {
        // One that was started meanwhile has used all its time since.
        operatorCpu: processTime(pid) - (pid === operator.pid ? operator.cpu : 0),
        resident: residentOf(pid),
        ...cost(),
      }
      const after = await counted(scene)
      return {
        ...costs,
        requests: countsBetween(before.requests, after.requests),
        calls: countsBetween(before.calls, after.calls),
      }
    },
  }
}

interface Counted {
  readonly requests: Counts
  readonly calls: Counts
}

async function counted({ requests, twilio }: BenchScene): Promise<Counted> {
  return { requests: await requests.counts(), calls: (await twilio.statistics()).byOperation }
}

/** Nothing that `counts` says changes for so long. */
async function unchanged(
  what: string,
  counts: () => Promise<string>,
  { ms, within }: { readonly ms: number; readonly within: number },
): Promise<void> {
  let last = { counts: await counts(), at: performance.now() }
  await until(
    what,
    async () => {
      const now = await counts()
      if (now !== last.counts) last = { counts: now, at: performance.now() }
      return performance.now() - last.at >= ms
    },
    within,
    LOOK_EVERY,
  )
}

export const quiet = (scene: BenchScene, within: number): Promise<void> =>
  unchanged('an operator that asks nothing', async () => JSON.stringify(await counted(scene)), {
    ms: QUIET,
    within,
  })

export const comeToRest = (scene: BenchScene, { restAfter, within }: Form): Promise<void> =>
  unchanged(
    'an operator that writes nothing',
    async () => String(totalOf((await counted(scene)).requests, isWritingKind)),
    { ms: restAfter, within },
  )
