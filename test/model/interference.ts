import { boot, input, processOf, setOperator, type Course, type Exploration } from './course.ts'
import { serve, toWire } from './serving.ts'
import type { ModelCall } from './input.ts'
import { shortSid } from './twilio.ts'
import type { State } from './state.ts'

/** What processes, networks and Twilio do to an operator. */
export const MODEL_FAULTS = [
  'crash',
  'freeze',
  'late',
  'lag',
  'outage',
  'unauthorized',
  'paging',
  'slow',
  'answerLost',
  'requestLost',
  'refused',
  'kubernetesAnswerLost',
  'kubernetesDown',
] as const
export type ModelFault = (typeof MODEL_FAULTS)[number]

export interface Interference {
  readonly name: string
  /** What it is charged to. */
  readonly kind: string
  act(course: Course): Promise<void> | void
}

const CHANGING = ['post', 'update', 'delete', 'patch metadata of', 'patch status of']

export function interferencesIn(x: Exploration, state: State): Interference[] {
  return [...people(x, state), ...crashes(x, state), ...freezes(x, state)]
}

/** What people, other controllers and other programs at Twilio do; a change that the API server refuses is none. */
function people(x: Exploration, state: State): Interference[] {
  const found: Interference[] = []
  const busy = Object.keys(state.operators).some((name) => processOf(x, state, name).active.length > 0)
  for (const { name, act, patient } of x.world.people) {
    if ((state.budget[name] ?? 0) === 0 || (patient === true && busy)) continue
    const after = act(state)
    if (after !== undefined && after !== state)
      found.push({
        name,
        kind: name,
        act: (course) => {
          course.state = act(course.state) ?? course.state
        },
      })
  }
  return found
}

/** A crash, with what was asked last done or not. */
function crashes(x: Exploration, state: State): Interference[] {
  const found: Interference[] = []
  for (const [name, { frozen }] of Object.entries(state.operators)) {
    if (frozen) continue
    const crash = `${name} is killed and started again`
    const { calls } = processOf(x, state, name)
    found.push({ name: crash, kind: 'crash', act: (course) => boot(x, course, name) })
    for (const call of calls.filter(({ what }) => CHANGING.includes(what))) {
      found.push({
        name: `${crash} after ${saying(call)} was done`,
        kind: 'crash',
        act: (course) => {
          course.state = serve(x, course, { name, call }).state
          return boot(x, course, name)
        },
      })
      if (call.what !== 'post' || (state.budget['late'] ?? 0) === 0) continue
      found.push({
        name: `${crash}; ${saying(call)} is on its way`,
        kind: 'crash',
        act: (course) => {
          toWire(x, course, { name, call })
          return boot(x, course, name)
        },
      })
    }
  }
  return found
}

const saying = ({ what, about }: ModelCall): string =>
  what === 'post' ? 'its post' : `${what} ${shortSid(about)}`

/** The leader stops for longer than its lease, and a standby takes over; later it wakes up and does not know. */
function freezes(x: Exploration, state: State): Interference[] {
  const found: Interference[] = []
  for (const [name, { frozen, leads, mail }] of Object.entries(state.operators)) {
    if (frozen) {
      found.push({
        name: `${name} wakes up`,
        kind: 'wake',
        act: async (course) => {
          setOperator(course, name, { frozen: false, mail: {} })
          for (const [call, reply] of Object.entries(mail))
            await input(x, course, name, {
              kind: 'answer',
              tick: course.state.tick,
              call: Number(call),
              reply,
            })
        },
      })
      continue
    }
    const standby = Object.keys(state.operators).find(
      (other) => other !== name && x.world.operators[other] === x.world.operators[name],
    )
    if (!leads || standby === undefined) continue
    found.push({
      name: `${name} freezes, ${standby} leads`,
      kind: 'freeze',
      act: async (course) => {
        setOperator(course, name, { frozen: true, leads: false })
        setOperator(course, standby, { leads: true })
        await input(x, course, standby, { kind: 'lead', tick: course.state.tick })
      },
    })
  }
  return found
}
