import type { JsonPatchOperation } from '../../src/reconciler/ports.ts'
import { patchSink } from './cluster.ts'
import { installationIn, type Course, type Exploration } from './course.ts'
import { KUBERNETES_CALLS, type ModelCall, type ModelReply } from './input.ts'
import { rulesOnWrite } from './rules.ts'
import type { State } from './state.ts'
import { answerOf, described, found, made, removed, seenIn, shortSid, type NewSink } from './twilio.ts'

/** What an operator has asked. */
export interface Asked {
  readonly name: string
  readonly call: ModelCall
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

/** A request on its way takes effect. */
export function commit(course: Course, wire: State['twilio']['wire'][number]): void {
  const { twilio } = course.state
  const same = JSON.stringify(wire)
  const index = twilio.wire.findIndex((one) => JSON.stringify(one) === same)
  course.state = { ...course.state, twilio: { ...twilio, wire: twilio.wire.filter((_, at) => at !== index) } }
  const [after, sink] = made(course.state, wire)
  course.state = after
  course.notes.push(`Twilio has ${shortSid(sink.sid)}`)
}

function accountOf({ world }: Exploration, { args }: ModelCall): string {
  const { user } = args as { user: string }
  return world.keys[user] ?? user
}

/** What the outside does with a request, and answers. */
export function serve(
  x: Exploration,
  course: Course,
  { name, call }: Asked,
  lagging = false,
): { readonly state: State; readonly reply: ModelReply } {
  const { state } = course
  if (KUBERNETES_CALLS.includes(call.what)) {
    const where = installationIn(state, name)
    const after = patchSink(state, where, call.about, call.args as readonly JsonPatchOperation[])
    course.broken.push(...rulesOnWrite(state, after.state, where, call.about))
    if (after.state === state && 'value' in after.reply)
      course.broken.push(`write: a ${call.what} ${call.about} changes nothing`)
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
