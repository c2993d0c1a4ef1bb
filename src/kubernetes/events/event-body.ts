import type { ObjectEvent } from '../../reconciler/ports.ts'

/** Who reports, as events show it. */
export interface EventReporter {
  /** Qualified name of the controller. */
  readonly controller: string
  /** Name of the Pod. */
  readonly instance: string
  /** Of the kinds that events are about. */
  readonly apiVersion: string
}

/** The API server refuses longer ones. */
const MAX_NOTE = 1024
const MAX_WORD = 128
/** In bytes, of which each may show as a character of its own. */
const LONGEST_CHARACTER = 4
/** Room for the suffix within the 253 characters of a name. */
const MAX_NAME = 230

/** RFC 3339 with six digits, which the API server insists on; JavaScript's clock gives three of them. */
export const microTime = (now: number): string => new Date(now).toISOString().replace('Z', '000Z')

export const eventName = (event: ObjectEvent, suffix: string): string =>
  `${event.name.slice(0, MAX_NAME)}.${suffix}`

export function eventBody(event: ObjectEvent, name: string, now: number, reporter: EventReporter): unknown {
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name, namespace: event.namespace },
    eventTime: microTime(now),
    type: event.type,
    reason: event.reason.slice(0, MAX_WORD),
    action: event.action.slice(0, MAX_WORD),
    note: shortened(event.note),
    regarding: {
      apiVersion: reporter.apiVersion,
      kind: event.kind,
      namespace: event.namespace,
      name: event.name,
      uid: event.uid,
      resourceVersion: event.resourceVersion,
    },
    reportingController: reporter.controller,
    reportingInstance: reporter.instance.slice(0, MAX_WORD),
  }
}

/** The limit counts bytes. */
function shortened(note: string): string {
  if (Buffer.byteLength(note) <= MAX_NOTE) return note
  const bytes = Buffer.from(note).subarray(0, MAX_NOTE - 3)
  const text = bytes.toString('utf8')
  // What is left of a character that was cut in two.
  const whole = text.indexOf('\uFFFD', text.length - LONGEST_CHARACTER)
  return `${whole === -1 ? text : text.slice(0, whole)}…`
}

export const seriesBody = (count: number, now: number): unknown => ({
  series: { count, lastObservedTime: microTime(now) },
})
