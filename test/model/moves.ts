import { addAnswers, addFrozen, type Act, type Add } from './answers.ts'
import { deliver, processOf, settle, type Course, type Exploration } from './course.ts'
import type { ModelCall } from './input.ts'
import { interferencesIn } from './interference.ts'
import { rulesOnState } from './rules.ts'
import { commit } from './serving.ts'
import type { Move, State } from './state.ts'
import { SETTLE_TICKS } from './time.ts'
import { later } from './twilio.ts'

/** Every next step that there is; the first is what happens when nobody interferes. */
export function movesFrom(x: Exploration, state: State): Move[] {
  const moves: Move[] = []
  const add: Add = (name, act, kind) => {
    if (kind !== undefined && (state.budget[kind] ?? 0) === 0) return
    if (kind !== undefined && kind !== 'wake' && state.tick > x.world.ticks) return
    moves.push({ name, outside: kind !== undefined, go: () => run(x, state, act, kind) })
  }
  for (const [name, { frozen }] of Object.entries(state.operators)) {
    const { calls } = processOf(x, state, name)
    for (const call of x.world.orderly ? calls.slice(0, 1) : calls) {
      if (frozen) addFrozen(x, state, { name, call }, add)
      else addAnswers(x, state, { name, call }, add)
    }
  }
  if (x.world.slowWatch) {
    for (const [name, { frozen, feed }] of Object.entries(state.operators)) {
      if (!frozen && feed.length > 0)
        add(`${name} is told by the watch`, (course) => deliver(x, course, name))
    }
  }
  if (isPatient(x, state))
    add('time passes', (course) => {
      course.state = later(course.state)
    })
  for (const wire of state.twilio.wire)
    add(`Twilio makes the sink for ${wire.madeFor} late`, (course) => commit(course, wire))
  for (const one of interferencesIn(x, state)) add(one.name, (course) => one.act(course), one.kind)
  return moves
}

/** Only a LIST that is read already may take longer than a tick, and not as long as a settle time. */
function isPatient(x: Exploration, state: State): boolean {
  return Object.entries(state.operators).every(([name, { frozen, mail }]) => {
    const isSlow = ({ id, tick }: ModelCall): boolean =>
      mail[id] !== undefined && state.tick + 1 < tick + SETTLE_TICKS
    return frozen || processOf(x, state, name).calls.every(isSlow)
  })
}

async function run(x: Exploration, state: State, act: Act, kind: string | undefined): ReturnType<Move['go']> {
  const course: Course = { state: spent(state, kind), notes: [], broken: [] }
  await act(course)
  await settle(x, course)
  course.broken.push(...rulesOnState(x, course.state))
  const broken = [...new Set(course.broken)].filter(
    (one) => !x.world.known.some((known) => one.startsWith(known)),
  )
  return { state: course.state, notes: course.notes, broken }
}

function spent(state: State, kind: string | undefined): State {
  if (kind === undefined) return state
  return { ...state, budget: { ...state.budget, [kind]: (state.budget[kind] ?? 0) - 1 } }
}
