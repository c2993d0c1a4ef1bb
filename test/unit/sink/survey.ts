import type { SinkStatus } from '../../../src/api/sink.ts'
import { classify, decide } from '../../../src/sink/decide.ts'
import type { Decision, Outcome } from '../../../src/sink/decision.ts'
import { nextStatus } from '../../../src/sink/report/next-status.ts'
import type { Observation } from '../../../src/sink/observation.ts'
import { makeReport } from '../../../src/sink/report/report.ts'
import type { State, StateName } from '../../../src/sink/state.ts'
import { rowsFor, targetSink } from './design-rows.ts'
import { everyCase } from './enumeration.ts'
import { RULES } from './rules.ts'
import { STATUS_RULES } from './status-rules.ts'
import { effectOf, saidBy, type Expectation } from './table-expectations.ts'

const EXAMPLES = 5

/** What one walk over every enumerated observation finds. */
export interface Survey {
  readonly cases: number
  /** How often each state was met. */
  readonly states: ReadonlyMap<StateName, number>
  /** By the name of the rule, the first observations that break it. */
  readonly problems: ReadonlyMap<string, readonly string[]>
  /** Observations at rest after which something is written or told again. */
  readonly loud: readonly string[]
  /** By condition type, the reasons that were said. */
  readonly reasons: ReadonlyMap<string, ReadonlySet<string>>
  /** By state, every effect, saying and next reconcile that was decided, as in `EXPECTED`. */
  readonly decided: ReadonlyMap<StateName, Readonly<Record<keyof Expectation, ReadonlySet<string>>>>
  /** `A before B` where both rows apply to an observation, and it is in A. */
  readonly neighbours: ReadonlySet<string>
}

export interface Reconcile {
  readonly o: Observation
  readonly state: State
  readonly decision: Decision
}

export function survey(): Survey {
  const states = new Map<StateName, number>()
  const problems = new Map<string, string[]>()
  const reasons = new Map<string, Set<string>>()
  const neighbours = new Set<string>()
  const decided = new Map<StateName, Decided>()
  const loud: string[] = []
  let cases = 0
  for (const { name, o } of everyCase()) {
    const reconcile = reconcileOf(o)
    const status = afterwards(reconcile)
    cases += 1
    states.set(reconcile.state.name, (states.get(reconcile.state.name) ?? 0) + 1)
    for (const [rule, problem] of brokenBy(reconcile, status)) {
      const known = problems.get(rule) ?? []
      if (known.length < EXAMPLES)
        problems.set(rule, [...known, `${reconcile.state.name}: ${problem} (${name})`])
    }
    noteReasons(status.after, reasons)
    noteNeighbours(reconcile, neighbours)
    noteDecided(reconcile, decided)
    if (loud.length < EXAMPLES && isLoud(reconcile)) loud.push(`${reconcile.state.name} (${name})`)
  }
  return { cases, states, problems, loud, reasons, decided, neighbours }
}

type Decided = Readonly<Record<keyof Expectation, Set<string>>>

function noteDecided({ state, decision }: Reconcile, decided: Map<StateName, Decided>): void {
  const known = decided.get(state.name) ?? { effects: new Set(), says: new Set(), next: new Set() }
  known.effects.add(effectOf(decision))
  known.says.add(saidBy(decision))
  known.next.add(decision.next.kind)
  decided.set(state.name, known)
}

export const problemsOf = (o: Observation): string[] => {
  const reconcile = reconcileOf(o)
  const broken = brokenBy(reconcile).map(([rule, problem]) => `${reconcile.state.name}: ${problem} (${rule})`)
  return isLoud(reconcile) ? [...broken, `${reconcile.state.name} is loud`] : broken
}

function reconcileOf(o: Observation): Reconcile {
  const state = classify(o)
  return { o, state, decision: decide(state, o) }
}

/** The rules that a reconcile breaks; those on the status as if the effect had changed nothing yet. */
export function brokenBy(
  reconcile: Reconcile,
  { outcome, after } = afterwards(reconcile),
): [rule: string, problem: string][] {
  const found: [string, string][] = []
  for (const { name, broken } of RULES) {
    const problem = broken(reconcile)
    if (problem !== undefined) found.push([name, problem])
  }
  if (after === undefined || isSilentDeletion(reconcile, after)) return found
  for (const { name, broken } of STATUS_RULES) {
    const problem = broken({ ...reconcile, outcome, after })
    if (problem !== undefined) found.push([name, problem])
  }
  return found
}

interface Afterwards {
  readonly outcome: Outcome
  readonly after: SinkStatus | undefined
}

/** What is recorded is recorded by the status itself. */
function afterwards({ o, decision }: Reconcile): Afterwards {
  const outcome: Outcome = { kind: decision.effect.kind === 'record' ? 'done' : 'none' }
  return { outcome, after: nextStatus(o, decision, outcome) }
}

/** A quick deletion says nothing: the conditions stay, whatever they were. */
const isSilentDeletion = ({ o, decision }: Reconcile, after: SinkStatus): boolean =>
  decision.verdict.kind === 'deleting' && after.conditions === o.object.status.conditions

/** Milliseconds: enough for another second in a text, and not enough for a proof. */
const LATER = 1_000

/** Whether a reconcile without effect, once its status is written, leads to another state, write or event a moment later. */
function isLoud({ o, state, decision }: Reconcile): boolean {
  if (decision.effect.kind !== 'none') return false
  const { status } = makeReport(o, state, decision, { kind: 'none' })
  if (status === undefined) return false
  const next = reconcileOf(laterWith(o, status))
  const report = makeReport(next.o, next.state, next.decision, { kind: 'none' })
  return next.state.name !== state.name || report.status !== undefined || report.events.length > 0
}

/** The same world with the status as written, which may name another sink than before. */
function laterWith(o: Observation, status: SinkStatus): Observation {
  const now = { wall: o.now.wall + LATER, monotonic: o.now.monotonic + LATER }
  const later = { ...o, now, object: { ...o.object, status } }
  if (status.sid === o.object.status.sid) return later
  return { ...later, snapshot: { ...o.snapshot, recorded: targetSink(o), recordedGone: false } }
}

function noteReasons(after: SinkStatus | undefined, reasons: Map<string, Set<string>>): void {
  for (const { type, reason } of after?.conditions ?? []) {
    const known = reasons.get(type) ?? new Set()
    reasons.set(type, known.add(reason))
  }
}

function noteNeighbours({ o, state }: Reconcile, neighbours: Set<string>): void {
  const rows = rowsFor(o)
  const next = rows[rows.findIndex(({ name }) => name === state.name) + 1]
  if (next?.when(o) === true) neighbours.add(`${state.name} before ${next.name}`)
}
