import type { ExternalSink } from '../../src/sink/external-sink.ts'
import type { JsonPatchOperation } from '../../src/reconciler/ports.ts'
import { patchSink } from './cluster.ts'
import {
  deliver,
  input,
  installationIn,
  processOf,
  setOperator,
  settle,
  type Course,
  type Exploration,
} from './course.ts'
import { KUBERNETES_CALLS, type Call, type Reply } from './input.ts'
import { interferencesIn } from './interference.ts'
import { rulesOnState, rulesOnWrite } from './rules.ts'
import type { Move, State } from './state.ts'
import { answerOf, described, found, later, made, removed, seenIn, shortSid, type NewSink } from './twilio.ts'

type Act = (course: Course) => Promise<void> | void

/** Every next step that there is; the first is what happens when nobody interferes. */
export function movesFrom(x: Exploration, state: State): Move[] {
  const moves: Move[] = []
  const add = (name: string, act: Act, kind?: string): void => {
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
  const waits = moves.length === 0
  if (waits || x.world.slowLists) {
    if (isPatient(x, state))
      add('time passes', (course) => {
        course.state = later(course.state)
      })
  }
  for (const wire of state.twilio.wire)
    add(`Twilio makes the sink for ${wire.madeFor} late`, (course) => commit(course, wire))
  for (const one of interferencesIn(x, state)) add(one.name, (course) => one.act(course), one.kind)
  return moves
}

export interface Asked {
  readonly name: string
  readonly call: Call
}

/** Only a LIST may take longer than a tick. */
function isPatient(x: Exploration, state: State): boolean {
  return Object.entries(state.operators).every(
    ([name, { frozen }]) => frozen || processOf(x, state, name).calls.every(({ what }) => what === 'list'),
  )
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

type Add = (name: string, act: Act, kind?: string) => void

function answer(x: Exploration, course: Course, { name, call }: Asked, reply: Reply): Promise<void> {
  return input(x, course, name, { kind: 'answer', tick: course.state.tick, call: call.id, reply })
}

const describe = ({ name, call }: Asked): string => {
  const about =
    call.what === 'slot' || call.what === 'post' || call.what === 'list' ? '' : ` ${shortSid(call.about)}`
  return `${name}: ${call.what}${about}`
}

function addAnswers(x: Exploration, state: State, asked: Asked, add: Add): void {
  const { call } = asked
  const said = describe(asked)
  const served = (course: Course): Promise<void> => {
    const { state: after, reply } = serve(x, course, asked)
    course.state = after
    return answer(x, course, asked, reply)
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
function addFrozen(x: Exploration, state: State, asked: Asked, add: Add): void {
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

/** A request that was sent and whose sender does not wait any more. */
export function toWire(x: Exploration, course: Course, asked: Asked): void {
  const { twilio } = course.state
  const wire = [...twilio.wire, newSink(x, course.state, asked)]
  course.state = { ...course.state, twilio: { ...twilio, wire } }
}

function newSink(x: Exploration, state: State, { name, call }: Asked): NewSink {
  const { description } = call.args as { description: string }
  const madeFor = call.by.split(' ')[1] ?? ''
  const madeBy = installationIn(state, name)
  return { account: accountOf(x, call), description, madeFor, madeBy, sent: call.tick }
}

function commit(course: Course, wire: State['twilio']['wire'][number]): void {
  const { twilio } = course.state
  const same = JSON.stringify(wire)
  const index = twilio.wire.findIndex((one) => JSON.stringify(one) === same)
  course.state = { ...course.state, twilio: { ...twilio, wire: twilio.wire.filter((_, at) => at !== index) } }
  const [after, sink] = made(course.state, wire)
  course.state = after
  course.notes.push(`Twilio has ${shortSid(sink.sid)}`)
}

function accountOf({ world }: Exploration, { args }: Call): string {
  const { user } = args as { user: string }
  return world.keys[user] ?? user
}

/** What the outside does with a request, and answers. */
export function serve(
  x: Exploration,
  course: Course,
  { name, call }: Asked,
  lagging = false,
): { readonly state: State; readonly reply: Reply } {
  const { state } = course
  if (KUBERNETES_CALLS.includes(call.what)) {
    const where = installationIn(state, name)
    const after = patchSink(state, where, call.about, call.args as readonly JsonPatchOperation[])
    course.broken.push(...rulesOnWrite(state, after.state, where, call.about))
    return after
  }
  if (call.what === 'slot') return { state, reply: { value: true } }
  const account = accountOf(x, call)
  if (account === 'refused') return { state, reply: { failure: 'unauthorized' } }
  if (call.what === 'list') {
    const sinks = seenIn(state, account, lagging).map(answerOf)
    return { state, reply: { value: { sinks, pages: x.world.pages } } }
  }
  if (call.what === 'get') {
    const sink = seenIn(state, account, lagging).find(({ sid }) => sid === call.about)
    return { state, reply: sink === undefined ? { failure: 'not-found' } : { value: answerOf(sink) } }
  }
  if (call.what === 'post') {
    const [after, sink] = made(state, newSink(x, state, { name, call }))
    course.notes.push(`Twilio has ${shortSid(sink.sid)}`)
    return { state: after, reply: { value: answerOf(sink) } }
  }
  const sink = found(state.twilio, call.about)
  if (sink?.account !== account) return { state, reply: { failure: 'not-found' } }
  if (call.what === 'delete') return { state: removed(state, sink.sid), reply: { value: null } }
  const { description } = call.args as { description: string }
  const after = described(state, sink.sid, description)
  return { state: after, reply: { value: answerOf({ ...sink, description }) } }
}
