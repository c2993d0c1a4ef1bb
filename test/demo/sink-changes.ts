import { conditionOf, type ShownSink } from './sink-object.ts'

const NONE = '–'

/** What a person sees of a Sink at a glance: name of the part and its value. */
function glance(sink: ShownSink): ReadonlyMap<string, string> {
  const blocked = conditionOf(sink, 'DeletionBlocked')?.reason
  return new Map([
    ['READY', readiness(sink)],
    ['STATUS', sink.status.sinkStatus ?? NONE],
    ['SID', sink.status.sid ?? NONE],
    ['DELETION BLOCKED', blocked ?? NONE],
    ['description', `"${sink.spec.description}"`],
    ['deletion', sink.metadata.deletionTimestamp === undefined ? NONE : 'requested'],
  ])
}

function readiness(sink: ShownSink): string {
  const ready = conditionOf(sink, 'Ready')
  if (ready === undefined) return NONE
  return ready.status === 'True' ? 'True' : `${ready.status} (${ready.reason})`
}

/** `READY False (Initialized) → True   STATUS initialized → active`; empty when nothing of interest changed. */
export function changes(before: ShownSink | undefined, now: ShownSink): string {
  const old = before === undefined ? undefined : glance(before)
  const parts = [...glance(now)].map(([part, value]) => change(part, old?.get(part) ?? NONE, value))
  return [old === undefined ? 'is new' : '', ...parts].filter((text) => text !== '').join('   ')
}

function change(part: string, old: string, value: string): string {
  if (old === value) return ''
  return old === NONE ? `${part} ${value}` : `${part} ${old} → ${value}`
}
