import type { ExternalSink } from '../../src/external/external-sink.ts'
import { input, setOperator, type Course, type Exploration } from './course.ts'
import { KUBERNETES_CALLS, type ModelReply } from './input.ts'
import { serve, toWire, type Asked } from './serving.ts'
import type { State } from './state.ts'
import { shortSid } from './twilio.ts'

/** Offers a move; `kind`: what it is charged to, when it is no ordinary one. */
export type Add = (name: string, act: Act, kind?: string) => void
export type Act = (course: Course) => Promise<void> | void

function answer(x: Exploration, course: Course, { name, call }: Asked, reply: ModelReply): Promise<void> {
  return input(x, course, name, { kind: 'answer', tick: course.state.tick, call: call.id, reply })
}

const describe = ({ name, call }: Asked): string => {
  const about =
    call.what === 'slot' || call.what === 'post' || call.what === 'list' ? '' : ` ${shortSid(call.about)}`
  return `${name}: ${call.what}${about}`
}

const WRITES_AT_TWILIO = ['post', 'update', 'delete']

/** How a request may end; the first is what is to be expected. */
export function addAnswers(x: Exploration, state: State, asked: Asked, add: Add): void {
  const { call } = asked
  const said = describe(asked)
  const served = (course: Course): Promise<void> => {
    const { state: after, reply } = serve(x, course, asked)
    course.state = after
    return answer(x, course, asked, reply)
  }
  const late = state.operators[asked.name]?.mail[call.id]
  if (late !== undefined) {
    add(`${said}: the answer is there`, (course) => fromMail(x, course, asked, late))
    return
  }
  if (WRITES_AT_TWILIO.includes(call.what) && state.tick > call.tick) {
    // Its process was frozen meanwhile. A send right after waking up, in the moment after the check, is known to remain.
    add(`${said}: timed out`, (course) => answer(x, course, asked, { failure: 'transient' }))
    return
  }
  add(said, served)
  if (call.what === 'slot') return
  if (KUBERNETES_CALLS.includes(call.what)) {
    add(
      `${said}: taken, and the answer is lost`,
      async (course) => {
        course.state = serve(x, course, asked).state
        await answer(x, course, asked, { failure: 'unavailable' })
      },
      'kubernetesAnswerLost',
    )
    add(
      `${said}: not taken (503)`,
      (course) => answer(x, course, asked, { failure: 'unavailable' }),
      'kubernetesDown',
    )
    return
  }
  if (call.what === 'list' || call.what === 'get') {
    const lagging = serve(x, { state, notes: [], broken: [] }, asked, true).reply
    if (JSON.stringify(lagging) !== JSON.stringify(serve(x, { state, notes: [], broken: [] }, asked).reply))
      add(`${said}: lagging`, (course) => answer(x, course, asked, lagging), 'lag')
    add(`${said}: 503`, (course) => answer(x, course, asked, { failure: 'transient' }), 'outage')
    add(`${said}: 401`, (course) => answer(x, course, asked, { failure: 'unauthorized' }), 'unauthorized')
    if (call.what === 'list') addSlow(x, asked, add)
    if (call.what === 'list' && x.world.pages > 1) addShifted(x, state, asked, add)
    return
  }
  add(
    `${said}: done, and the answer is lost`,
    async (course) => {
      course.state = serve(x, course, asked).state
      await answer(x, course, asked, { failure: 'transient' })
    },
    'answerLost',
  )
  add(
    `${said}: lost`,
    async (course) => {
      await answer(x, course, asked, { failure: 'transient' })
    },
    'requestLost',
  )
  if (call.what !== 'post') return
  add(
    `${said}: no answer, it may take effect late`,
    async (course) => {
      toWire(x, course, asked)
      await answer(x, course, asked, { failure: 'transient' })
    },
    'late',
  )
  add(`${said}: refused`, (course) => answer(x, course, asked, { failure: 'refused' }), 'refused')
}

/** Twilio reads now and answers later: meanwhile anything may happen. */
function addSlow(x: Exploration, asked: Asked, add: Add): void {
  const act = (course: Course): void => {
    const { reply } = serve(x, course, asked)
    const mail = course.state.operators[asked.name]?.mail
    setOperator(course, asked.name, { mail: { ...mail, [asked.call.id]: reply } })
  }
  add(`${describe(asked)}: is read, and the answer takes long`, act, 'slow')
}

function fromMail(x: Exploration, course: Course, asked: Asked, reply: ModelReply): Promise<void> {
  const { [asked.call.id]: _, ...mail } = course.state.operators[asked.name]?.mail ?? {}
  setOperator(course, asked.name, { mail })
  return answer(x, course, asked, reply)
}

/** Between two pages the rest has moved up: one sink is on neither. */
function addShifted(x: Exploration, state: State, asked: Asked, add: Add): void {
  const { reply } = serve(x, { state, notes: [], broken: [] }, asked)
  if (!('value' in reply)) return
  const list = reply.value as { readonly sinks: readonly ExternalSink[] }
  for (const { sid } of list.sinks) {
    const sinks = list.sinks.filter((sink) => sink.sid !== sid)
    const name = `${describe(asked)}: its pages miss ${shortSid(sid)}`
    add(name, (course) => answer(x, course, asked, { value: { ...list, sinks } }), 'paging')
  }
}

/** What was on its way when the process froze arrives; the answer waits. */
export function addFrozen(x: Exploration, state: State, asked: Asked, add: Add): void {
  const { name, call } = asked
  const mail = state.operators[name]?.mail ?? {}
  if (mail[call.id] !== undefined || state.tick > call.tick + 1) return
  if (call.what === 'slot' || call.what === 'list' || call.what === 'get') return
  add(`${describe(asked)}, while it is frozen`, (course) => {
    const { state: after, reply } = serve(x, course, asked)
    course.state = after
    setOperator(course, name, { mail: { ...mail, [call.id]: reply } })
  })
}
