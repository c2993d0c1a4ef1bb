import { z } from 'zod'
import { condition } from '../../rigs/sink-object.ts'
import type { SinkView } from '../../rigs/simulator/sink-administration.ts'
import type { WatchedObject } from '../gitops/object-watch.ts'

/** Everything that a status can speak of, as it is at one moment. */
export interface HourSample {
  readonly seconds: number
  /** By `namespace/name`. */
  readonly sinks: ReadonlyMap<string, WatchedObject>
  readonly accounts: ReadonlyMap<string, WatchedObject>
  /** Values by `namespace/name`. */
  readonly secrets: ReadonlyMap<string, Readonly<Record<string, string>>>
  readonly external: readonly SinkView[]
  /** Whether Twilio takes what a Secret holds for an account. */
  accepts(accountSid: string, secret: Readonly<Record<string, string>> | undefined): boolean
}

export interface Claim {
  /** What is said, for the message about a lie. */
  readonly says: string
  /** Whether it is so. */
  readonly holds: boolean
  /** Seconds that may pass until it is taken back: how often the operator looks at such a thing, by its documents. */
  readonly within: number
}

/** What is watched is known at once; what is read every 15 seconds, and with each poll, by then. A little is for the reconcile. */
const WATCHED = 4
const READ = 20
const POLLED = 310
/** A deletion may be silent for so long. */
const SILENT = 45
/** The settle time, and a LIST after it. */
const PROVEN = 80

type Check = (object: WatchedObject, world: HourSample) => Omit<Claim, 'says'>
const claim = (holds: boolean, within: number) => ({ holds, within })
/** Nothing in a first hour leads to it. */
const NEVER: Check = () => claim(false, 0)

const keyOf = ({ metadata }: WatchedObject): string => `${metadata.namespace ?? ''}/${metadata.name}`
const secretOf = ({ metadata, spec }: WatchedObject): string =>
  `${metadata.namespace ?? ''}/${nameIn(spec['credentialsSecretRef'])}`
const nameIn = (ref: unknown): string =>
  typeof ref === 'object' && ref !== null && 'name' in ref ? String(ref.name) : ''
const isLeaving = ({ metadata }: WatchedObject): boolean => metadata.deletionTimestamp !== undefined

/** One that is named is meant, and no other. */
function accountOf({ metadata, spec }: WatchedObject, { accounts }: HourSample): WatchedObject | undefined {
  const own = `${metadata.namespace ?? ''}/${nameIn(spec['accountRef']) || 'default'}`
  const known = accounts.get(own)
  return spec['accountRef'] === undefined ? (known ?? accounts.get('twilio-system/default')) : known
}

const isAccepted = (account: WatchedObject, world: HourSample): boolean =>
  world.accepts(String(account.spec['accountSid']), world.secrets.get(secretOf(account)))

/** By what the words of AccountNotReady speak of. */
function accountNotReady(sink: WatchedObject, world: HourSample): Omit<Claim, 'says'> {
  const message = condition(sink, 'Ready')?.message ?? ''
  const account = accountOf(sink, world)
  if (/TwilioAccount \S+ does not exist/u.test(message)) return claim(account === undefined, WATCHED)
  if (account === undefined) return claim(false, WATCHED)
  if (/is being deleted/u.test(message)) return claim(isLeaving(account), WATCHED)
  if (/Secret \S+ does not exist/u.test(message)) return claim(!world.secrets.has(secretOf(account)), READ)
  return claim(!isAccepted(account, world), READ)
}

const SecretKeyRef = z.object({ name: z.string(), key: z.string() })

function missingValue({ spec, metadata }: WatchedObject, { secrets }: HourSample): boolean {
  const members = Object.values(spec).flatMap((type): unknown[] =>
    typeof type === 'object' && type !== null ? Object.values(type) : [],
  )
  return members.some((member) => {
    const ref = SecretKeyRef.safeParse(member)
    if (!ref.success) return false
    const values = secrets.get(`${metadata.namespace ?? ''}/${ref.data.name}`)
    return values?.[ref.data.key] === undefined
  })
}

/** While a Sink is renamed, the old object still has the sink that the new one wants. */
function isAnothers({ spec, metadata }: WatchedObject, { sinks }: HourSample): boolean {
  const wished = z.object({ sid: z.string() }).safeParse(spec['import']).data?.sid
  return [...sinks.values()].some(
    (other) => other.metadata.uid !== metadata.uid && wished !== undefined && other.status.sid === wished,
  )
}

const SINK_READY: Readonly<Record<string, Check>> = {
  Active: (sink, world) => {
    if (isLeaving(sink)) return claim(false, SILENT)
    const found = world.external.find(({ sid }) => sid === sink.status.sid)
    return claim(found?.status === 'active' && !missingValue(sink, world), POLLED)
  },
  AccountNotReady: accountNotReady,
  SecretMissing: (sink, world) => claim(missingValue(sink, world), READ),
  Deleting: (sink) => claim(isLeaving(sink), WATCHED),
  OwnershipConflict: (sink, world) => claim(isAnothers(sink, world), WATCHED),
  NotYetObserved: () => claim(false, PROVEN),
}

const SINK_BLOCKED: Readonly<Record<string, Check>> = {
  Suspended: ({ spec }) => claim(spec['suspend'] === true, WATCHED),
}

const ACCOUNT_READY: Readonly<Record<string, Check>> = {
  Verified: (account, world) => claim(isAccepted(account, world), POLLED),
  Unauthorized: (account, world) => claim(!isAccepted(account, world), READ),
  SecretInvalid: (account, world) => claim(!isAccepted(account, world), READ),
  SecretMissing: (account, { secrets }) => claim(!secrets.has(secretOf(account)), READ),
}

const CHECKS = {
  Sink: { Ready: SINK_READY, DeletionBlocked: SINK_BLOCKED, ChangesHeld: {}, DuplicateFound: {} },
  TwilioAccount: { Ready: ACCOUNT_READY, DeletionBlocked: {}, ChangesHeld: {}, DuplicateFound: {} },
} as const

/** What an object says, and whether it is so. A reason that is not above has no cause in a first hour. */
export function claimsOf(object: WatchedObject, world: HourSample): Claim[] {
  const checks: Readonly<Record<string, Readonly<Record<string, Check>>>> = CHECKS[object.kind]
  return Object.entries(checks).flatMap(([type, byReason]) => {
    const said = condition(object, type)
    if (said === undefined) return []
    const says = `${object.kind} ${keyOf(object)}: ${type} ${said.status} ${said.reason}: ${said.message}`
    return [{ says, ...(byReason[said.reason] ?? NEVER)(object, world) }]
  })
}
