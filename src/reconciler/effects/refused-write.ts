import { createRedaction } from '../../api/redaction.ts'
import { SECRET_NAMES, SINK_TYPES } from '../../api/sink-configuration.ts'
import type { Sink } from '../../api/sink.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import { refusedWrite } from '../../sink/messages.ts'
import { partialSink } from '../memory/account-of-sink.ts'
import { LOG_FIELDS, writeWarning } from '../observe/contests.ts'
import type { CachedObject, KubernetesFailure, ObjectKey } from '../ports.ts'
import type { ReconcileContext } from '../context.ts'

/** An outage has no cause on the object, and is over soon; what has failed so often in a row is told there. */
const OFTEN = 4

/** An object that the operator cannot write as it has to. */
export type Unwritable =
  | { readonly kind: 'Sink'; readonly cached: CachedObject<Sink> }
  | { readonly kind: 'TwilioAccount'; readonly cached: CachedObject<TwilioAccount> }

/** Whether something does not let the operator write to the object, and will not soon. */
export function isRefusal(
  { refusals }: ReconcileContext,
  of: Unwritable,
  failure: KubernetesFailure,
): boolean {
  if (!failure.isWrite || failure.kind === 'conflict' || failure.kind === 'not-found') return false
  return failure.kind !== 'unavailable' || refusals.count(nameOf(of)) >= OFTEN - 1
}

/** What refuses a write, as far as the API server says it. */
export function whyRefused(of: Unwritable, failure: KubernetesFailure): string {
  const words = shownWords(failure, secretsIn(of))
  if (words === undefined) return failure.message
  return failure.status === undefined ? words : `${failure.status}: ${words}`
}

/** A line in the log: once, and again every hour for as long as it lasts. */
export function logRefusal(s: ReconcileContext, of: Unwritable, failure: KubernetesFailure): void {
  const { tell } = s.refusals.note(nameOf(of), whyRefused(of, failure), s.clock.monotonic())
  const said = shownWords(failure, secretsIn(of))
  const fields = { [LOG_FIELDS[of.kind]]: of.cached.key, reason: failure.kind, err: failure, said }
  if (tell) s.observer.log('warn', fields, 'The API server did not take a request; retrying ever more slowly')
}

/** Where no condition can say it: besides the line an event, which is kept alive for as long as it lasts. */
export function reportRefusal(s: ReconcileContext, of: Unwritable, failure: KubernetesFailure): void {
  if (isRefusal(s, of, failure))
    s.events.emit(writeWarning(of, 'WriteRefused', refusedWrite(whyRefused(of, failure))))
  logRefusal(s, of, failure)
}

/** The API server takes what the operator writes. */
export function endRefusals({ refusals }: ReconcileContext, kind: Unwritable['kind'], key: ObjectKey): void {
  refusals.end(`${kind} ${key}`)
}

const nameOf = ({ kind, cached }: Unwritable): string => `${kind} ${cached.key}`

/** People read the beginning. */
const LONGEST_WORDS = 400

/**
 * What the API server, or a webhook, says of a write: it may quote the object, also a part of a value, and who reads the log
 * need not be allowed to read that. Cut only when `secrets` are out: the rest of a secret would be known to nobody.
 */
export function shownWords({ said }: KubernetesFailure, secrets: Secrets): string | undefined {
  if (said === undefined || secrets === 'unknown') return undefined
  const words = createRedaction(secrets)(said)
  return words.length <= LONGEST_WORDS ? words : `${words.slice(0, LONGEST_WORDS - 1).toWellFormed()}…`
}

/** `unknown`: the object has some that this version cannot read. */
type Secrets = readonly string[] | 'unknown'

function secretsIn(of: Unwritable): Secrets {
  if (of.kind !== 'Sink') return []
  const { spec, unread } = partialSink(of.cached) ?? {}
  if (spec === undefined || SINK_TYPES.some((type) => unread?.has(`spec.${type}`))) return 'unknown'
  return SINK_TYPES.flatMap((type) => Object.entries(spec[type] ?? {})).flatMap(([name, value]) =>
    SECRET_NAMES.has(name) && typeof value === 'string' ? [value] : [],
  )
}
