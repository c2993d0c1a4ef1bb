import { NotSeen, until } from '../../rigs/until.ts'
import type { Exchange } from '../../rigs/proxy/exchange.ts'
import type { Injection } from './fault.ts'
import { DEFAULT, type Lane } from './lane.ts'
import { isReached, judge, lookAt, type Findings, type Sight } from './oracle.ts'
import { atRest } from './quiet.ts'
import { openStage, type CrashScenario, type CrashStage } from './scenario.ts'

/** How one scenario went, with a fault or without. */
export interface Played extends Findings {
  readonly injected: boolean
  /** From the strike, or from the act, until the goal was reached; milliseconds. */
  readonly recoveryMs: number
  /** From the begin of the act to its rest, of all replicas in order. */
  readonly exchanges: readonly SeenExchange[]
}

/** With the number of the replica whose it is. */
export type SeenExchange = Exchange & { readonly replica: number }

export interface Play {
  readonly lane: Lane
  /** Foreign sinks of the whole lane. */
  readonly lasting: ReadonlySet<string>
  readonly scenario: CrashScenario
  /** Of the object; never used before in this lane. */
  readonly name: string
  readonly inject?: (lane: Lane) => Injection
  /** How long nothing but polls must be seen at the end. */
  readonly restMs: number
}

/** Between `prepare` and the cue: what `prepare` stirred up must not count as the act's. */
const SETTLE_MS = 250
/** How long after the goal a fault may still strike: polls and events are late. */
const STRIKE_WITHIN_MS = 6_000
const GOAL_WITHIN_MS = 40_000
const ROUNDS = 3

export async function play(order: Play): Promise<Played> {
  const { lane, lasting, scenario, name } = order
  const stage = openStage(lane, name)
  const since = (await lane.simulator.admin.journal()).at(-1)?.sequence ?? 0
  await plantTwin(stage)
  await scenario.prepare?.(stage)
  await atRest(lane, SETTLE_MS, ({ name: line }) => line.includes(':EVENT:'))
  const before = await lookAt(stage, lasting)
  await scenario.cue?.(stage)
  const begun = performance.now()
  const injection = order.inject?.(lane)
  const { struckAt, goalAt, missed, after } = await perform(order, stage, injection)
  injection?.disarm()
  const calls = (await lane.simulator.admin.journal(since)).filter(
    ({ credential }) => credential !== lane.person.key.sid,
  )
  const findings = judge({ stage, goal: scenario.goal, before, after, calls })
  return {
    ...findings,
    others: [...missed, ...findings.others],
    injected: struckAt !== undefined,
    recoveryMs: Math.max(0, Math.round(goalAt - (struckAt ?? begun))),
    exchanges: seenSince(lane, begun),
  }
}

interface Performed {
  /** On the clock of `performance.now()`; the goal is reached for good. */
  readonly struckAt: number | undefined
  readonly goalAt: number
  /** What should have been seen. */
  readonly missed: readonly string[]
  /** The last look. */
  readonly after: Sight
}

/** The act, the strike, the recovery, the goal and the rest. */
async function perform(
  { lane, lasting, scenario, restMs }: Play,
  stage: CrashStage,
  injection: Injection | undefined,
): Promise<Performed> {
  const missed: string[] = []
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof NotSeen)) throw error
      missed.push(error.message)
      return undefined
    }
  }
  const reached = (): Promise<number | false> =>
    lookAt(stage, lasting).then((sight) => isReached(scenario.goal, sight) && performance.now())
  const reachGoal = (): Promise<number | undefined> =>
    attempt(() => until('the goal', reached, GOAL_WITHIN_MS))

  const strike = injection && awaitStrike(injection)
  await attempt(() => scenario.act(stage))
  await reachGoal()
  const struck = await strike?.()
  if (struck !== undefined) await attempt(() => injection?.recovered(struck.exchange) ?? Promise.resolve())
  for (let round = 1; ; round += 1) {
    const goalAt = await reachGoal()
    if (!(await atRest(lane, restMs))) missed.push('it does not come to rest')
    // On a busy machine a poll can time out in between, which a Sink may say for a moment.
    const after = await lookAt(stage, lasting)
    if (isReached(scenario.goal, after) || missed.length > 0 || round === ROUNDS)
      return { struckAt: struck?.at, goalAt: goalAt ?? performance.now(), missed, after }
  }
}

/** Returns how to wait for the strike, which may have come by then; undefined when it does not come. */
function awaitStrike(
  injection: Injection,
): () => Promise<{ readonly exchange: Exchange; readonly at: number } | undefined> {
  let strike: { readonly exchange: Exchange; readonly at: number } | undefined
  void injection.struck.then((exchange) => (strike = { exchange, at: performance.now() }))
  return async () => {
    await until('the strike', () => strike, STRIKE_WITHIN_MS).catch(() => injection.disarm())
    return strike
  }
}

function seenSince({ replicas }: Lane, begun: number): SeenExchange[] {
  return replicas
    .flatMap(({ proxy }, replica) => proxy.log().map((exchange) => ({ ...exchange, replica })))
    .filter(({ at }) => at >= begun)
    .toSorted((one, other) => one.at - other.at)
}

/** A sink that somebody else made, alike but for the mark: it must be neither adopted nor touched. */
async function plantTwin({ lane, name, foreign }: CrashStage): Promise<void> {
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
  for (const name of await namespace.accounts()) if (name !== DEFAULT) await namespace.deleteAccount(name)
  const areGone = async (): Promise<boolean> => (await namespace.accounts()).length === 1
  await until('the other accounts are gone', areGone, TIDY_WITHIN_MS)
  for (const { sid } of await simulator.admin.sinks())
    if (!lasting.has(sid)) await simulator.admin.deleteSink(sid)
}
