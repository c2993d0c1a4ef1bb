import { isDeepStrictEqual } from 'node:util'
import type { SinkObject } from '../../rigs/sink-object.ts'
import type { JournalEntry } from '../../rigs/simulator/journal.ts'
import type { SinkView } from '../../rigs/simulator/sink-administration.ts'
import { isRecorded, type Goal, type CrashStage } from './scenario.ts'

/** Both sides at one moment, by plain HTTP, past the proxy. */
export interface Sight {
  readonly object: SinkObject | undefined
  /** The external sinks that carry the object's name in what only it can have written, foreign ones left out. */
  readonly own: readonly SinkView[]
  readonly foreign: readonly SinkView[]
  /** Neither. */
  readonly strange: readonly SinkView[]
}

/** What a run did that no run may do. */
export interface Findings {
  /** Sinks beyond one, at the end or in between. */
  duplicates: number
  /** Sinks without an object, which nobody wanted to keep. */
  leaks: number
  /** Sinks that are gone or changed although nobody asked for that. */
  wrongDeletions: number
  /** Whatever else is not as it should be. */
  others: string[]
}

/** `lasting` are foreign sinks of the whole lane. */
export async function lookAt(stage: CrashStage, lasting: ReadonlySet<string>): Promise<Sight> {
  const { lane, name, foreign } = stage
  const [object, sinks] = await Promise.all([lane.namespace.sink(name), lane.simulator.admin.sinks()])
  const isForeign = ({ sid }: SinkView): boolean => foreign.has(sid) || lasting.has(sid)
  const isOwn = (sink: SinkView): boolean => !isForeign(sink) && JSON.stringify(sink).includes(name)
  return {
    object,
    own: sinks.filter(isOwn),
    foreign: sinks.filter(isForeign),
    strange: sinks.filter((sink) => !isForeign(sink) && !isOwn(sink)),
  }
}

/** Whether the goal is reached; what must not be is `judge`d later. */
export function isReached(goal: Goal, { object, own }: Sight): boolean {
  if (goal.object === 'gone') return object === undefined && own.length === goal.sinks
  const [only] = own
  return isRecorded(object) && own.length === goal.sinks && (only === undefined || isAsWritten(object, only))
}

/** The recorded sink, with the description that the object has now. */
function isAsWritten({ spec, status }: SinkObject, sink: SinkView): boolean {
  return status.sid === sink.sid && sink.description.startsWith(String(spec['description']))
}

interface Judged {
  readonly stage: CrashStage
  readonly goal: Goal
  /** Before the act, and at the end. */
  readonly before: Sight
  readonly after: Sight
  /** The calls of the operator since before `prepare`. */
  readonly calls: readonly JournalEntry[]
}

export function judge({ stage, goal, before, after, calls }: Judged): Findings {
  const committed = (operation: string): number =>
    calls.filter((call) => call.operation === operation && call.committed).length
  const { object, own } = after
  const lives = object !== undefined
  const sid = own.length === 1 ? own[0]?.sid : undefined
  const expected = stage.expected()
  const lost = before.foreign.filter(
    (sink) => !after.foreign.some((other) => isDeepStrictEqual(other, sink)),
  ).length
  const wanted = lives || goal.sinks === 1 ? 1 : 0
  const others: string[] = []
  if (!isReached(goal, after)) others.push(`the goal is not reached: ${tell(goal, after)}`)
  if (lives && expected !== undefined && sid !== undefined && sid !== expected)
    others.push(`the sink is ${sid}, not ${expected}`)
  if (after.strange.length > 0) others.push(`${after.strange.length} sinks that nobody knows`)
  return {
    duplicates: Math.max(0, own.length - Math.max(1, wanted), committed('CreateSink') - goal.creates),
    leaks: wanted === 0 ? own.length : 0,
    wrongDeletions:
      lost +
      Math.max(0, committed('DeleteSink') - goal.deletes) +
      (goal.object === 'gone' && goal.sinks === 1 && own.length === 0 ? 1 : 0),
    others,
  }
}

function tell(goal: Goal, { object, own }: Sight): string {
  const conditions = object?.status.conditions?.map(
    ({ type, status, reason }) => `${type}=${status} (${reason})`,
  )
  const seen =
    object === undefined ? 'no object' : `SID ${object.status.sid ?? 'none'}, ${conditions?.join(', ') ?? ''}`
  return `wanted ${goal.object} with ${goal.sinks} sinks, saw ${seen} with ${own.length} sinks`
}
