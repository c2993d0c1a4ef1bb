import type { ModelCall, ModelDeed, Input, Look, ModelTarget } from './input.ts'
import type { Product } from './product.ts'
import { revive, type Image, type LiveProcess } from './revive.ts'
import type { Setting } from './setting.ts'
import { compressed } from './time.ts'

/** A process at one moment. Two that are the same value behave the same for ever. */
export interface Process {
  readonly id: number
  /** The last moment at which nothing was under way, and what was done to the process since. */
  readonly image: string
  readonly since: readonly Happened[]
  readonly calls: readonly ModelCall[]
  readonly due: readonly (readonly [ModelTarget, number])[]
  readonly active: readonly ModelTarget[]
  /** By `sink key` or `account key`, the version in the cache. */
  readonly versions: Readonly<Record<string, number>>
}

/** An input, and what the process saw of the world at it. */
interface Happened {
  readonly input: Input
  readonly saw: Sightings
}

type Sightings = readonly (readonly [what: string, found: unknown])[]

export interface ProcessStep {
  readonly process: Process
  /** Newly asked. */
  readonly asked: readonly ModelCall[]
  readonly deeds: readonly ModelDeed[]
}

export interface ProcessTable {
  born(leadingSince: number, tick: number): Promise<Process>
  step(process: Process, input: Input, look: Look): Promise<ProcessStep>
  get(id: number): Process
  /** How often a step had to be run, and not only looked up. */
  readonly ran: () => number
}

/** All processes of one exploration. A process is a function of its inputs, so that each step is run once only. */
export function createProcessTable(product: Product, setting: Setting): ProcessTable {
  const byContent = new Map<string, Process>()
  const all: Process[] = []
  const images = new Map<string, number>()
  const steps = new Map<string, { readonly saw: Sightings; readonly step: ProcessStep }[]>()
  const parsed = new Map<string, Image>()
  let ran = 0

  const imageIn = ({ image }: Process): Image => {
    const known = parsed.get(image) ?? (JSON.parse(image) as Image)
    parsed.set(image, known)
    return known
  }

  const intern = (image: string, since: readonly Happened[], live: LiveProcess): Process => {
    const imageId = images.get(image) ?? images.size
    images.set(image, imageId)
    const content = since.length === 0 ? String(imageId) : `${imageId} ${JSON.stringify(since)}`
    const known = byContent.get(content)
    if (known !== undefined) return known
    const process: Process = {
      id: all.length,
      image,
      since,
      calls: live.calls(),
      due: live.due(),
      active: live.active(),
      versions: live.versions(),
    }
    all.push(process)
    byContent.set(content, process)
    return process
  }

  const run = async (
    process: Process,
    input: Input,
    look: Look,
  ): Promise<{ saw: Sightings; step: ProcessStep }> => {
    ran += 1
    const live = revive(product, setting, imageIn(process))
    for (const { input: earlier, saw } of process.since) await live.apply(earlier, replaying(saw))
    const before = { calls: new Set(live.calls().map(({ id }) => id)), deeds: live.deeds.length }
    const { saw, remembering } = rememberingSights(look)
    await live.apply(input, remembering)
    const asked = live.calls().filter(({ id }) => !before.calls.has(id))
    const deeds = live.deeds.slice(before.deeds)
    const since = [...process.since, { input, saw }]
    const after =
      live.active().length === 0
        ? intern(imageOf(live, input.tick), [], live)
        : intern(process.image, since, live)
    return { saw, step: { process: after, asked, deeds } }
  }

  return {
    ran: () => ran,
    get: (id) => all[id] as Process,
    born: async (leadingSince, tick) => {
      const image: Image = {
        tick,
        step: 1,
        leadingSince,
        sinks: [],
        accounts: [],
        memory: undefined,
        due: [],
      }
      return intern(JSON.stringify(image), [], revive(product, setting, image))
    },
    step: async (process, input, look) => {
      const key = `${process.id} ${JSON.stringify(input)}`
      const known = steps.get(key) ?? []
      const same = known.find(({ saw }) => saw.every(([what, found]) => equal(look(what), found)))
      if (same !== undefined) return same.step
      const ended = await run(process, input, look)
      steps.set(key, [...known, ended])
      return ended.step
    },
  }
}

function imageOf(live: LiveProcess, tick: number): string {
  const image = live.image()
  const { text, step } = compressed(JSON.stringify({ ...image, step: 0 }), tick)
  // The text is taken as it is, so that equal memories are equal texts.
  return text.replace('"step":0', `"step":${step}`)
}

function rememberingSights(look: Look): { saw: (readonly [string, unknown])[]; remembering: Look } {
  const saw: (readonly [string, unknown])[] = []
  return {
    saw,
    remembering: (what) => {
      const found = look(what)
      saw.push([what, found])
      return found
    },
  }
}

/** The same answers in the same order. */
function replaying(saw: Sightings): Look {
  let next = 0
  return (what) => {
    const sight = saw[next]
    next += 1
    if (sight?.[0] !== what) throw new Error(`A replay took another way: it looked at ${what}`)
    return sight[1]
  }
}

const equal = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)
