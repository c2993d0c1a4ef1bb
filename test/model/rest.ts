import { findCondition } from '../../src/api/condition.ts'
import { CREATE_ATTEMPT_ANNOTATION } from '../../src/api/group.ts'
import { parseAttempt, settleTimes } from '../../src/external/create-attempt.ts'
import type { Exploration } from './course.ts'
import { movesFrom } from './moves.ts'
import { installationMark, isLiving, leftBehind, objectMark, objectsIn } from './rules.ts'
import { keyOf, type ClusterState, type Move, type State } from './state.ts'
import { POLL, MODEL_SETTLE, TICK } from './time.ts'
import { exists, markOf, shortSid } from './twilio.ts'

/**
 * Ticks without any write after which nothing will come any more: two polls, and before them as many settle times as the
 * last attempts of an object are waited for.
 */
function quietTicks({ clusters }: State): number {
  const waits = Object.values(clusters).flatMap((cluster) =>
    objectsIn(cluster).map(([, { metadata }]) =>
      settleTimes(parseAttempt(metadata.annotations[CREATE_ATTEMPT_ANNOTATION])?.times ?? []),
    ),
  )
  return (Math.max(1, ...waits) * MODEL_SETTLE + 2 * POLL) / TICK
}

const LONGEST = 40
/** Moves: a process that does the same again and again lets no time pass. */
const MOST_MOVES = 2_000

export interface Rest {
  /** Undefined: it comes to rest as it should. */
  readonly broken: string | undefined
  readonly path: readonly string[]
}

/** From here on nobody interferes: everything ends in a state that is good, and in which nothing is written any more. */
export function createRest(x: Exploration): (state: State) => Promise<Rest> {
  const good = new Set<string>()
  return async (start) => {
    const visited: string[] = []
    const path: string[] = []
    let state = start
    let quietSince = start.tick
    for (let key = undisturbed(state); !good.has(key); key = undisturbed(state)) {
      visited.push(key)
      const quiet = state.tick - quietSince >= quietTicks(state)
      const broken = quiet ? wrongAtRest(x, state) : []
      if (state.tick - start.tick > LONGEST || path.length > MOST_MOVES) broken.push('it never comes to rest')
      if (broken.length > 0) return { broken: `rest: ${broken.join('; ')}`, path }
      if (quiet) break
      const move = fairMove(x, state)
      if (move === undefined) return { broken: 'rest: nothing can happen any more', path }
      const next = await move.go()
      path.push([`tick ${state.tick}: ${move.name}`, ...next.notes].join(' | '))
      if (next.broken.length > 0) return { broken: next.broken.join('; '), path }
      if (JSON.stringify(state.clusters) !== JSON.stringify(next.state.clusters)) quietSince = next.state.tick
      state = next.state
    }
    for (const key of visited) good.add(key)
    return { broken: undefined, path }
  }
}

/** What others might still do makes no difference when they do not. */
const undisturbed = (state: State): string => keyOf({ ...state, budget: {} })

/** A frozen process wakes up first. */
function fairMove(x: Exploration, state: State): Move | undefined {
  const moves = movesFrom(x, state)
  return moves.find(({ name }) => name.endsWith('wakes up')) ?? moves.find(({ outside }) => !outside)
}

/** Each living object is Ready with one sink of its own, or says what keeps it; nothing is left of the others. */
function wrongAtRest({ world }: Exploration, state: State): string[] {
  const wrong: string[] = []
  for (const [where, cluster] of Object.entries(state.clusters)) {
    for (const [key, object] of objectsIn(cluster)) {
      const problem = problemOf(state, object)
      if (problem !== undefined && !world.ends.includes(problem.reason)) wrong.push(`${key} ${problem.text}`)
    }
    for (const key of Object.keys(cluster.versions))
      wrong.push(...leaks(state, where, { key, cluster, world }))
  }
  return wrong
}

function problemOf(
  { twilio }: State,
  object: ClusterState['sinks'][string],
): { readonly reason: string; readonly text: string } | undefined {
  const { status, spec, metadata } = object
  const ready = findCondition(status.conditions, 'Ready')
  if (!isLiving(object)) {
    const reason = findCondition(status.conditions, 'DeletionBlocked')?.reason ?? 'nothing'
    return { reason, text: `is not let go, and says ${reason}` }
  }
  if (spec.suspend === true) {
    const isSeen = status.observedGeneration === metadata.generation
    return isSeen
      ? undefined
      : { reason: 'Unseen', text: 'is suspended, and its status is of an older generation' }
  }
  const duplicate = findCondition(status.conditions, 'DuplicateFound')
  if (duplicate !== undefined) return { reason: 'DuplicateFound', text: 'has a duplicate' }
  if (ready?.status !== 'True')
    return { reason: ready?.reason ?? 'nothing', text: `says ${ready?.reason ?? 'nothing'}` }
  if (twilio.sinks.some((sink) => exists(sink) && sink.sid === status.sid)) return undefined
  return { reason: 'Lie', text: `says Ready, and ${shortSid(status.sid ?? '')} is not there` }
}

interface Leaking {
  readonly key: string
  readonly cluster: ClusterState
  readonly world: Exploration['world']
}

/** Sinks of ours that no object leads to. */
function leaks(state: State, where: string, { key, cluster, world }: Leaking): string[] {
  const object = cluster.sinks[key]
  if (object !== undefined) return leftByOthers(state, { key, cluster, world })
  if (world.orphans.includes(key)) return []
  return leftBehind(state, where, key).map((what) => `nobody has ${key}, and ${what}`)
}

/** Sinks of a cluster that is gone, which the object should have taken over and says nothing about. */
function leftByOthers(state: State, { key, cluster, world }: Leaking): string[] {
  const object = cluster.sinks[key]
  if (object === undefined || problemOf(state, object) !== undefined) return []
  const living = Object.values(world.operators).map(installationMark)
  return state.twilio.sinks
    .filter((sink) => {
      const mark = exists(sink) ? markOf(sink) : undefined
      return mark?.object === objectMark(key) && !living.includes(mark.installation)
    })
    .map(({ sid }) => `${key} says nothing of ${shortSid(sid)}, which its old cluster made`)
}
