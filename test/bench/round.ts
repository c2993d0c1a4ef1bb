import { setTimeout as sleep } from 'node:timers/promises'
import { withProgress, type Say } from '../rigs/control-plane/progress.ts'
import { benchApi, type BenchApi } from './api.ts'
import type { Floor, Round } from './figures.ts'
import type { Form } from './form.ts'
import { comeToRest, measure, measureRest, quiet, serverCost } from './measuring.ts'
import {
  createAll,
  createOneByOne,
  postSink,
  inLanes,
  removeAll,
  sinkKeys,
  openSinkWatch,
  WRITERS,
  type SinkKey,
  type SinkWatch,
} from './people.ts'
import { setBenchScene, type BenchScene } from './scene.ts'

/** One round from an empty cluster to an empty cluster. */
export async function playRound(form: Form, name: string, say: Say): Promise<Round> {
  const broken = new AbortController()
  let watch: SinkWatch | undefined
  const left = (): string => (watch && watch.awaited() > 0 ? `, ${watch.awaited()} Sinks to go` : '')
  const step: Step = (what, work) =>
    withProgress(
      `${name}, ${what}`,
      say,
      () => inTime({ ...form, broken: broken.signal, what, left }, work),
      left,
    )
  const scene = await step('setting up', () => setBenchScene(form, broken))
  const api = benchApi(scene.cluster, 'a-person')
  try {
    const floor = await floorOf({ scene, api, form, step })
    await step('starting the operator', async () => {
      await scene.startOperator()
      await scene.accountsReady()
      await quiet(scene, form.within)
    })
    watch = await openSinkWatch(api)
    return { floor, ...(await operatorOf({ scene, api, form, step, watch })) }
  } finally {
    await api.close()
    await scene.end()
  }
}

type Step = <T>(what: string, work: () => Promise<T>) => Promise<T>

interface Limits {
  readonly within: number
  readonly broken: AbortSignal
  readonly what: string
  readonly left: () => string
}

/** Rejects when it takes too long, and when a program that is needed has ended. */
async function inTime<T>({ within, broken, what, left }: Limits, work: () => Promise<T>): Promise<T> {
  const over = new AbortController()
  const tooLate = async (): Promise<never> => {
    await sleep(within, undefined, { signal: AbortSignal.any([over.signal, broken]) }).catch(() => undefined)
    broken.throwIfAborted()
    throw new Error(`${what}: longer than ${within / 1_000} s${left()}`)
  }
  const late = tooLate()
  late.catch(() => undefined)
  try {
    return await Promise.race([work(), late])
  } finally {
    over.abort()
  }
}

interface Stage {
  readonly scene: BenchScene
  readonly api: BenchApi
  readonly form: Form
  readonly step: Step
}

async function floorOf({ scene, api, form, step }: Stage): Promise<Floor> {
  const play = (prefix: string, count: number, inFlight?: number) => async () => {
    const keys = sinkKeys(prefix, count, scene.namespaces)
    await inLanes(WRITERS, keys, (key) => postSink(api, key))
    const cost = serverCost(scene)
    const result = await scene.runFloor(inFlight)
    const costs = cost()
    await scene.clear()
    return { ...result, ...costs }
  }
  const { waits } = await step(`floor, ${form.alone} one by one`, play('alone', form.alone, 1))
  return { ...(await step(`floor, ${form.sinks} Sinks`, play('sink', form.sinks))), waits }
}

async function operatorOf(stage: Stage & { readonly watch: SinkWatch }): Promise<Omit<Round, 'floor'>> {
  const { scene, api, form, step, watch } = stage
  const alone = sinkKeys('alone', form.alone, scene.namespaces)
  const sinks = sinkKeys('sink', form.sinks, scene.namespaces)
  const meanwhile = sinkKeys('meanwhile', form.meanwhile, scene.namespaces)
  const measured = <T>(what: string, work: () => Promise<T>) =>
    step(what, () => measure(scene, form.within, work))
  const tidy = async (keys: readonly SinkKey[]): Promise<void> => {
    await removeAll(api, watch, keys)
    await quiet(scene, form.within)
  }

  const idle = await measured(`${form.alone} Sinks one by one`, () => createOneByOne(api, watch, alone))
  await step('removing them', () => tidy(alone))
  const apply = await measured(`creating ${form.sinks} Sinks`, () => createAll(api, watch, sinks))
  await scene.stopOperator()
  const restart = await measured('restart', () => scene.startOperator())
  await scene.stopOperator()
  const changed = await measured('changes during a restart', async () => {
    const [, waits] = await Promise.all([
      scene.startOperator(),
      sleep(form.meanwhileAfter).then(() => createOneByOne(api, watch, meanwhile)),
    ])
    return waits
  })
  await step('removing them', () => tidy(meanwhile))
  await step('coming to rest', () => comeToRest(scene, form))
  const rest = await step('at rest', () => measureRest(scene, form.rest))
  const remove = await measured(`deleting ${form.sinks} Sinks`, () => removeAll(api, watch, sinks))
  return {
    idle: { ...idle.stretch, waits: idle.result },
    apply: apply.stretch,
    restart: restart.stretch,
    meanwhile: { ...changed.stretch, waits: changed.result },
    rest,
    remove: remove.stretch,
  }
}
