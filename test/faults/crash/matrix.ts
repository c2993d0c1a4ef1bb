import { join } from 'node:path'
import type { ClusterAddress } from '../../rigs/control-plane/cluster-access.ts'
import type { Cell } from './cell.ts'
import { createCrew, type Crew } from './crew.ts'
import { keepEvidence } from './evidence.ts'
import type { CrashFault, Item } from './fault.ts'
import { FAULTS } from './faults.ts'
import { leaderOf, type Lane } from './lane.ts'
import type { SeenExchange } from './play.ts'
import type { RequestLists } from './plan.ts'
import { requestsOf } from './request-list.ts'
import { isViolation, type Result } from './results.ts'
import type { CrashScenario } from './scenario.ts'
import { SCENARIOS } from './scenarios/all.ts'
import { watchStalls } from './stall.ts'

export interface MatrixOptions {
  readonly cluster: ClusterAddress
  readonly lanes: number
  readonly listLagMs?: number
  /** For logs and evidence. */
  readonly folder: string
}

/** Longer than a poll, and than a reconcile that is tried again. */
const REST_MS = 1_300
/** Events are sent again after half a second and two. */
const REST_AFTER_EVENT_MS = 2_600
const RUNS_RECORDED = 3
const TRIES = 3
/**
 * A simulator that stands still for longer does not keep what Twilio is taken to keep, that a create which takes effect
 * at all does so within the settle time: what was seen then says nothing about the operator.
 */
const LONGEST_STALL_MS = 500
/** Of the lanes, those with two operators: they wait more and work less. */
const PART_FOR_PAIRS = 0.4

/** The requests of fault-free runs. Rejects when one of them is not as it should be. */
export async function recordRequests(
  options: MatrixOptions,
  scenarios: readonly CrashScenario[],
): Promise<RequestLists> {
  const lists: Record<string, readonly Item[]> = {}
  await inLanes(options, 1, scenarios, async (crew, scenario) => {
    const runs: (readonly SeenExchange[])[] = []
    for (let tries = 1; runs.length < RUNS_RECORDED; tries += 1) {
      // A busy machine may disturb one; a fault of the product disturbs all.
      const mayFail = tries < RUNS_RECORDED + TRIES
      const played = await crew.play({ scenario, restMs: REST_MS }).catch((error: unknown) => {
        if (!mayFail) throw error
      })
      if (played === undefined) continue
      const { exchanges, ends, ...findings } = played
      const isClean =
        findings.others.length + findings.duplicates + findings.leaks + findings.wrongDeletions === 0
      if (isClean) runs.push(exchanges)
      if (isClean || mayFail) continue
      const folder = keepEvidence(join(options.folder, 'failures', scenario.name), {
        exchanges,
        ends,
        findings,
      })
      throw new Error(`${scenario.name} fails without a fault: ${JSON.stringify(findings)}; see ${folder}`)
    }
    lists[scenario.name] = requestsOf(runs)
  })
  const order = ({ name }: CrashScenario): [string, readonly Item[]] => [name, lists[name] ?? []]
  return Object.fromEntries(scenarios.map(order))
}

export interface RunOptions extends MatrixOptions {
  /** Keeps the evidence of runs that went well, too. */
  readonly keepAll?: boolean
  /** Asked before each cell. */
  readonly stop?: () => boolean
  /** Told of a cell that is tried again since its scenario could not be played. */
  readonly note?: (line: string) => void
}

/** Runs cells, and tells of each. */
export async function runCells(
  options: RunOptions,
  cells: readonly Cell[],
  told: (result: Result, evidence: string | undefined) => void,
): Promise<void> {
  const work = async (crew: Crew, cell: Cell): Promise<void> => {
    if (options.stop?.() === true) return
    const { result, evidence } = await runCell(crew, cell, options)
    told(result, evidence)
  }
  const [alone, paired] = [cells.filter((cell) => !isPaired(cell)), cells.filter(isPaired)]
  const pairs = paired.length === 0 ? 0 : Math.ceil(options.lanes * PART_FOR_PAIRS)
  await Promise.all([
    inLanes({ ...options, lanes: Math.max(1, options.lanes - pairs) }, 1, alone, work),
    inLanes({ ...options, lanes: pairs }, 2, paired, work),
  ])
}

const isPaired = ({ fault }: Cell): boolean => named(FAULTS, fault).replicas === 2

async function runCell(
  crew: Crew,
  cell: Cell,
  { folder, keepAll = false, note }: RunOptions,
): Promise<{ readonly result: Result; readonly evidence: string | undefined }> {
  const scenario = named(SCENARIOS, cell.scenario)
  const fault: CrashFault = named(FAULTS, cell.fault)
  const { item } = cell
  const order = {
    scenario,
    inject: (lane: Lane) => fault.inject({ lane, replica: leaderOf(lane), item }),
    restMs: item.name === 'kubernetes:POST:events' ? REST_AFTER_EVENT_MS : REST_MS,
  }
  const about = { cell: cell.id, scenario: cell.scenario, fault: cell.fault }
  for (let tries = 1; ; tries += 1) {
    const stalls = watchStalls()
    const played = await crew.play(order).catch((error: unknown) => String(error))
    const stalledMs = stalls.end()
    if (typeof played === 'string') {
      note?.(`AGAIN ${cell.id}: ${played}`)
      if (tries < TRIES) continue
      return { result: { ...about, ...NOT_PLAYED, tries, others: [played] }, evidence: undefined }
    }
    const { exchanges, ends, ...findings } = played
    const result = { ...about, tries, ...findings }
    if (!result.injected && tries < TRIES && !isViolation(result)) continue
    if (isViolation(result) && stalledMs > LONGEST_STALL_MS && tries < TRIES) {
      note?.(`AGAIN ${cell.id}: the simulator stood still for ${stalledMs} ms; ${JSON.stringify(result)}`)
      continue
    }
    const isKept = keepAll || isViolation(result) || !result.injected
    const place = join(folder, 'failures', cell.id.replaceAll('/', ' '))
    return { result, evidence: isKept ? keepEvidence(place, { exchanges, ends, findings }) : undefined }
  }
}

/** The scenario did not come so far that a fault could strike. */
const NOT_PLAYED = { injected: false, duplicates: 0, leaks: 0, wrongDeletions: 0, recoveryMs: 0 }

export function named<T extends { readonly name: string }>(all: readonly T[], name: string): T {
  const found = all.find((one) => one.name === name)
  if (found !== undefined) return found
  throw new Error(`There is no ${name}: one of ${all.map((one) => one.name).join(', ')}`)
}

/** Each lane takes the next item when it is done with one. */
async function inLanes<T>(
  { cluster, lanes, folder, listLagMs }: MatrixOptions,
  replicas: 1 | 2,
  items: readonly T[],
  work: (crew: Crew, item: T) => Promise<void>,
): Promise<void> {
  const rest = [...items]
  const one = async (): Promise<void> => {
    const crew = createCrew({ cluster, replicas, folder, listLagMs })
    try {
      for (let next = rest.shift(); next !== undefined; next = rest.shift()) await work(crew, next)
    } finally {
      // One that fails must not leave the others working.
      rest.length = 0
      await crew.end()
    }
  }
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, one))
}
