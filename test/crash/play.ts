import type { Exchange } from '../proxy/exchange.ts'
import type { Injection } from './fault.ts'
import type { Lane } from './lane.ts'
import { isReached, judge, lookAt, type Findings } from './oracle.ts'
import { atRest } from './quiet.ts'
import { openStage, type Scenario, type Stage } from './scenario.ts'
import { NotSeen, until } from './until.ts'

/** How one scenario went, with a fault or without. */
export interface Played extends Findings {
  readonly injected: boolean
  /** From the strike, or from the act, until the goal was reached; milliseconds. */
  readonly recoveryMs: number
  /** From the begin of the act to its rest, of all replicas in order. */
  readonly exchanges: readonly Seen[]
}

/** With the number of the replica whose it is. */
export type Seen = Exchange & { readonly replica: number }

export interface Play {
  readonly lane: Lane
  /** Foreign sinks of the whole lane. */
  readonly lasting: ReadonlySet<string>
  readonly scenario: Scenario
  /** Of the object; never used before in this lane. */
  readonly name: string
  readonly inject?: (lane: Lane) => Injection
  /** How long nothing but polls must be seen at the end. */
  readonly restMs: number
}

/** Between `prepare` and the act: what `prepare` stirred up must not count as the act's. */
const SETTLE_MS = 250
/** How long after the goal a fault may still strike: polls and events are late. */
const STRIKE_WITHIN_MS = 6_000
const GOAL_WITHIN_MS = 40_000

export async function play({ lane, lasting, scenario, name, inject, restMs }: Play): Promise<Played> {
  const stage = openStage(lane, name)
  const since = (await lane.simulator.admin.journal()).at(-1)?.sequence ?? 0
  await plantTwin(stage)
  await scenario.prepare?.(stage)
  await atRest(lane, SETTLE_MS, ({ name: line }) => line.includes(':EVENT:'))
  const before = await lookAt(stage, lasting)
  const begun = performance.now()
  const injection = inject?.(lane)
  let strike: { readonly exchange: Exchange; readonly at: number } | undefined
  void injection?.struck.then((exchange) => (strike = { exchange, at: performance.now() }))

  const others: string[] = []
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    await work().catch((error: unknown) => {
      if (!(error instanceof NotSeen)) throw error
      others.push(error.message)
    })
  }
  await attempt(() => scenario.act(stage))
  const reached = (): Promise<number | false> =>
    lookAt(stage, lasting).then((sight) => isReached(scenario.goal, sight) && performance.now())
  let goalAt = begun
  await attempt(async () => (goalAt = await until('the goal', reached, GOAL_WITHIN_MS)))
  if (injection !== undefined) {
    await until('the strike', () => strike !== undefined, STRIKE_WITHIN_MS).catch(() => undefined)
    const struck = strike?.exchange
    if (struck !== undefined) await attempt(() => injection.recovered(struck))
    injection.disarm()
    await attempt(
      async () => (goalAt = Math.max(goalAt, await until('the goal again', reached, GOAL_WITHIN_MS))),
    )
  }
  if (!(await atRest(lane, restMs))) others.push('it does not come to rest')
  const after = await lookAt(stage, lasting)
  const calls = (await lane.simulator.admin.journal(since)).filter(
    ({ credential }) => credential !== lane.person.key.sid,
  )
  const findings = judge({ stage, goal: scenario.goal, before, after, calls })
  return {
    ...findings,
    others: [...new Set([...others, ...findings.others])],
    injected: strike !== undefined,
    recoveryMs: Math.max(0, Math.round(goalAt - (strike?.at ?? begun))),
    exchanges: seenSince(lane, begun),
  }
}

function seenSince({ replicas }: Lane, begun: number): Seen[] {
  return replicas
    .flatMap(({ proxy }, replica) => proxy.log().map((exchange) => ({ ...exchange, replica })))
    .filter(({ at }) => at >= begun)
    .toSorted((one, other) => one.at - other.at)
}

/** A sink that somebody else made, alike but for the mark: it must be neither adopted nor touched. */
async function plantTwin({ lane, name, foreign }: Stage): Promise<void> {
  foreign.add(await lane.person.makeSink(`Events of ${name}`, `https://${name}.example.com/events`))
}

const TIDY_WITHIN_MS = 15_000

/** Takes away what a run that went well has left. Rejects when that cannot be done. */
export async function tidyUp(lane: Lane, lasting: ReadonlySet<string>): Promise<void> {
  const { namespace, simulator } = lane
  await simulator.admin.clearFaults()
  for (const { proxy } of lane.replicas) proxy.clearRules()
  for (const { metadata } of await namespace.sinks()) {
    await namespace.patchSink(metadata.name, { spec: { deletionPolicy: 'Orphan' } })
    await namespace.deleteSink(metadata.name)
  }
  await until('the Sinks are gone', async () => (await namespace.sinks()).length === 0, TIDY_WITHIN_MS)
  for (const { sid } of await simulator.admin.sinks())
    if (!lasting.has(sid)) await simulator.admin.deleteSink(sid)
}
