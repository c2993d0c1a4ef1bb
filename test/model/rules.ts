import { FINALIZER } from '../../src/api/group.ts'
import type { Sink } from '../../src/api/sink.ts'
import { installationPart, objectPart } from '../../src/external/ownership-mark.ts'
import { clusterIn } from './cluster.ts'
import { installationIn, processOf, type Exploration } from './course.ts'
import type { ModelCall } from './input.ts'
import type { ClusterState, State, TwilioSink } from './state.ts'
import { exists, found, markOf, shortSid } from './twilio.ts'

/** What must never be, whatever happened before. Each message begins with the promise: two, lost, wrong one. */

const memo = <T>(compute: (text: string) => T): ((text: string) => T) => {
  const known = new Map<string, T>()
  return (text) => {
    const value = known.get(text) ?? compute(text)
    known.set(text, value)
    return value
  }
}
export const installationMark = memo(installationPart)
export const objectMark = memo(objectPart)

export const objectsIn = ({ sinks }: ClusterState): [string, Sink][] => Object.entries(sinks)
export const isLiving = ({ metadata }: Sink): boolean => metadata.deletionTimestamp === undefined

/** The sinks at Twilio that an installation has marked for the object of this name. */
export function sinksFor(state: State, where: string, key: string): TwilioSink[] {
  const [installation, object] = [installationMark(where), objectMark(key)]
  return state.twilio.sinks.filter((sink) => {
    const mark = exists(sink) ? markOf(sink) : undefined
    return mark?.installation === installation && mark.object === object
  })
}

export function rulesOnState({ world }: Exploration, state: State): string[] {
  const own = world.never?.(state)
  const broken = own === undefined ? [] : [own]
  for (const [where, cluster] of Object.entries(state.clusters)) {
    for (const [key, { status }] of objectsIn(cluster)) {
      const isUnreachable = status.conditions.some(({ reason }) => reason === 'TwilioUnreachable')
      if (isUnreachable && world.faults.outage === undefined && world.faults.slow === undefined)
        broken.push(`write: ${key} says TwilioUnreachable, and Twilio has answered all the time`)
    }
    for (const key of Object.keys(cluster.versions)) {
      const sinks = sinksFor(state, where, key)
      if (sinks.length < 2) continue
      const apart = new Set(sinks.map(({ account }) => account)).size > 1
      broken.push(
        `two${apart ? ' accounts' : ''}: ${key} has ${sinks.map(({ sid }) => shortSid(sid)).join(' and ')}`,
      )
    }
  }
  return broken
}

interface Asking {
  readonly where: string
  readonly cluster: ClusterState
  readonly key: string
  readonly object: Sink | undefined
}

/** When a process asks Twilio for a change: whatever it may look at before, it has looked at. */
export function rulesOnAsking(x: Exploration, state: State, operator: string, call: ModelCall): string[] {
  const where = installationIn(state, operator)
  const cluster = clusterIn(state, where)
  const key = call.by.split(' ')[1] ?? ''
  const asking = { where, cluster, key, object: cluster.sinks[key] }
  if (call.what === 'post') {
    // What has changed since the claim cannot be known any more.
    const known = processOf(x, state, operator).versions[`sink ${key}`]
    return known === cluster.versions[key] ? rulesOnCreate(state, asking) : []
  }
  const sink = found(state.twilio, call.about)
  if (sink === undefined) return []
  if (call.what === 'delete') return rulesOnDelete(asking, sink)
  return call.what === 'update' ? rulesOnUpdate(asking, sink) : []
}

function rulesOnCreate(state: State, { where, key, object }: Asking): string[] {
  const broken: string[] = []
  if (object === undefined) return broken
  const { spec, status, metadata } = object
  if (spec.import !== undefined) broken.push(`wrong one: ${key} imports, and gets a sink of its own`)
  if (spec.suspend === true) broken.push(`wrong one: ${key} is suspended, and gets a sink`)
  if (!isLiving(object)) broken.push(`lost: ${key} is being deleted, and gets a sink`)
  if (!metadata.finalizers.includes(FINALIZER)) broken.push(`lost: ${key} gets a sink without a finalizer`)
  const old = status.sid === undefined ? undefined : found(state.twilio, status.sid)
  if (old !== undefined) broken.push(`two: ${key} gets a sink, and ${shortSid(old.sid)}, its old one, exists`)
  for (const sink of state.twilio.sinks.filter(exists)) {
    const mark = sink.madeBy === where && sink.madeFor === key ? markOf(sink) : undefined
    if (mark !== undefined && mark.installation !== installationMark(where))
      broken.push(`two: ${key} gets a sink, and ${shortSid(sink.sid)}, which was taken over from it, exists`)
  }
  return broken
}

function rulesOnDelete(asking: Asking, sink: TwilioSink): string[] {
  const { cluster, key, object } = asking
  const name = shortSid(sink.sid)
  const broken = rulesOnTouching(asking, sink).map((rule) => `${rule}, and it is deleted`)
  if (object === undefined) return broken
  if (isLiving(object)) {
    const means = object.status.sid === undefined || object.status.sid === sink.sid
    return means ? [...broken, `lost: ${key} lives, and ${name} is deleted`] : broken
  }
  const kept = object.spec.deletionPolicy === 'Orphan' || object.spec.suspend === true
  if (kept) broken.push(`lost: ${key} is Orphan or suspended, and ${name} is deleted`)
  if (cluster.crdDeleting) broken.push(`lost: the CRD is being deleted, and ${name} is deleted`)
  return broken
}

function rulesOnUpdate(asking: Asking, sink: TwilioSink): string[] {
  const broken = rulesOnTouching(asking, sink).map((rule) => `${rule}, and it is changed`)
  if (asking.object?.spec.suspend !== true) return broken
  return [...broken, `wrong one: ${asking.key} is suspended, and ${shortSid(sink.sid)} is changed`]
}

/** Whose sink it is that is to be deleted or changed. */
function rulesOnTouching({ where, cluster, key, object }: Asking, sink: TwilioSink): string[] {
  const broken: string[] = []
  const name = shortSid(sink.sid)
  const mark = markOf(sink)
  const listed = Object.values(cluster.accounts).flatMap(({ spec }) => spec.otherInstallations)
  const taken = listed.some(({ id, treatAs }) => id === mark?.installation && treatAs === 'TakeOver')
  if (mark !== undefined && mark.installation !== installationMark(where) && !taken)
    broken.push(`wrong one: ${name} is marked by another installation`)
  for (const [other, { status, ...rest }] of objectsIn(cluster)) {
    if (other !== key && isLiving({ status, ...rest }) && status.sid === sink.sid)
      broken.push(`wrong one: ${other} has recorded ${name}`)
  }
  if (mark === undefined && object?.status.sid !== sink.sid) broken.push(`wrong one: ${name} is nobody's`)
  return broken
}

/** What a patch of an operator did to an object: a finalizer goes only when nothing is left. */
export function rulesOnWrite(before: State, after: State, where: string, key: string): string[] {
  const cluster = clusterIn(before, where)
  const [old, now] = [cluster.sinks[key], clusterIn(after, where).sinks[key]]
  if (old?.metadata.finalizers.includes(FINALIZER) !== true) return []
  if (now?.metadata.finalizers.includes(FINALIZER) === true) return []
  if (old.spec.deletionPolicy === 'Orphan' || cluster.crdDeleting) return []
  return leftBehind(before, where, key).map((what) => `lost: ${key} is let go while ${what}`)
}

/** What at Twilio only this object leads to. */
export function leftBehind(state: State, where: string, key: string): string[] {
  const { sinks } = clusterIn(state, where)
  const sid = sinks[key]?.status.sid
  const left = state.twilio.sinks.filter((sink) => {
    if (!exists(sink)) return false
    if (Object.entries(sinks).some(([other, { status }]) => other !== key && status.sid === sink.sid))
      return false
    const mark = markOf(sink)
    const ours = mark?.installation === installationMark(where) && mark.object === objectMark(key)
    return ours || sid === sink.sid
  })
  return [
    ...left.map((sink) => `${shortSid(sink.sid)} exists`),
    ...state.twilio.wire.filter(({ madeFor }) => madeFor === key).map(() => 'its create may take effect'),
  ]
}
