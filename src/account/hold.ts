import type { ChangesHeldReason } from '../api/condition.ts'
import type { KeyDigest } from '../external/key-digest.ts'

/**
 * Why an account holds every create and every finalizer, and exactly what the hold covers. Held until all of it is
 * back, or a person approves it; the approval covers only what was missing then, and only for the key then in use.
 * Immutable; all times are wall-clock milliseconds, since a person's approval is compared with them.
 */
export interface Hold {
  /** The key that it was evaluated by. */
  readonly key: KeyDigest
  /** Undefined: all that is left in it is approved, or holds only the Sink that it belongs to. */
  readonly reason: ChangesHeldReason | undefined
  /** In a fixed order, however they were found: each change of the status is a write. */
  readonly items: readonly HeldItem[]
}

export interface HeldItem extends Doubt {
  /** When the hold came to cover it; an approval must be later. */
  readonly since: number
  readonly approved: boolean
}

export interface Doubt {
  /**
   * `MissingSink`: a recorded SID that is not seen. `OpenAttempt`: object and number of a create without a known end, of
   * which the present key says nothing, since another key has sent it. `SeenElsewhere`: the SID of a sink that a
   * TwilioAccount with another account SID shows too.
   */
  readonly kind: 'MissingSink' | 'OpenAttempt' | 'SeenElsewhere'
  readonly id: string
}

/** What contradicts what a key has shown; only of Sinks of this one TwilioAccount. */
export interface Evidence {
  readonly key: KeyDigest
  /** How many living objects have recorded a sink through the TwilioAccount. */
  readonly living: number
  /** Recorded sinks that the key does not show, those apart that we deleted ourselves. */
  readonly missing: readonly MissingSink[]
  /** Attempts whose end is not known, whose sink is not seen, and for which the key is no witness. */
  readonly openAttempts: readonly DoubtedAttempt[]
  readonly seenElsewhere: readonly string[]
}

export interface MissingSink {
  readonly sid: string
  /** A living object has recorded it. */
  readonly living: boolean
  /** The key, or one of the same account, has made or shown it: so it can tell that the sink is gone. */
  readonly witnessed: boolean
  /**
   * Recorded through a key that this TwilioAccount has never had, though its own is known to be right: the Sink has come
   * from another one, which may only declare the same account. That holds nobody but the Sink itself.
   */
  readonly stray: boolean
}

export interface DoubtedAttempt {
  readonly id: string
  /**
   * This process has sent it through this very TwilioAccount. What only an annotation tells, which people can write, or what
   * was sent through another TwilioAccount, to which the Sink referred then, holds nobody but its own Sink.
   */
  readonly attested: boolean
}

export interface Approval {
  /** What a person has set as `events.twilio.com/allow-mass-change`; undefined: nothing that can be read. */
  readonly allowedAt: number | undefined
  readonly now: number
}

const MASS = 5
const MASS_SHARE = 0.2

/**
 * "At once" means missing at the same time: when each of them went, nobody can tell after a restart.
 */
export function nextHold(before: Hold | undefined, evidence: Evidence, approval: Approval): Hold | undefined {
  const { key } = evidence
  // Another key shows other sinks, and an approval does not count for it.
  const known = before?.key === key ? before : undefined
  const covered = (doubt: Doubt): HeldItem => coveredBy(known, doubt, approval)
  const elsewhere = evidence.seenElsewhere.map((id) => covered({ kind: 'SeenElsewhere', id }))
  const missing = evidence.missing.map(({ sid }) => covered({ kind: 'MissingSink', id: sid }))
  const attempts = evidence.openAttempts.map(({ id }) => covered({ kind: 'OpenAttempt', id }))
  const witnessed = witnessedOf(missing, evidence)
  const strays = straysOf(missing, evidence)
  const unwitnessed = missing.filter((item) => !witnessed.includes(item) && !strays.includes(item))
  const unproven = [...unwitnessed, ...attestedOf(attempts, evidence)].filter(isHeld)
  const vanished = massOf(known, witnessed, evidence)
  const reason = reasonOf({ elsewhere: elsewhere.filter(isHeld), unproven, vanished })
  const approved = [...elsewhere, ...missing].filter((item) => item.approved)
  const held = new Set([...approved, ...elsewhere, ...attempts, ...strays, ...unproven, ...vanished])
  const items = [...held].sort(byKindAndId)
  return items.length === 0 ? undefined : { key, reason, items }
}

function witnessedOf(missing: readonly HeldItem[], { missing: facts }: Evidence): HeldItem[] {
  const witnessed = new Set(facts.filter((one) => one.witnessed).map(({ sid }) => sid))
  return missing.filter(({ id }) => witnessed.has(id))
}

function straysOf(missing: readonly HeldItem[], { missing: facts }: Evidence): HeldItem[] {
  const stray = new Set(facts.filter((one) => one.stray && !one.witnessed).map(({ sid }) => sid))
  return missing.filter(({ id }) => stray.has(id))
}

function attestedOf(attempts: readonly HeldItem[], { openAttempts }: Evidence): HeldItem[] {
  const attested = new Set(openAttempts.filter((one) => one.attested).map(({ id }) => id))
  return attempts.filter(({ id }) => attested.has(id))
}

/** Whether a person has approved just this, for this key. */
export function isApproved(hold: Hold | undefined, key: KeyDigest, { kind, id }: Doubt): boolean {
  if (hold?.key !== key) return false
  return hold.items.some((item) => item.kind === kind && item.id === id && item.approved)
}

function coveredBy(known: Hold | undefined, { kind, id }: Doubt, { allowedAt, now }: Approval): HeldItem {
  // A time in the future was read from a clock that has been corrected since: an approval need not wait for it.
  const since = Math.min(known?.items.find((item) => item.kind === kind && item.id === id)?.since ?? now, now)
  return { kind, id, since, approved: allowedAt !== undefined && since < allowedAt && allowedAt <= now }
}

const isHeld = ({ approved }: HeldItem): boolean => !approved

/**
 * The sinks of a mass disappearance that holds, or was approved. A conflict with another account is reported before it.
 */
function massBefore({ reason, items }: Hold): readonly HeldItem[] {
  const sinks = items.filter(({ kind }) => kind === 'MissingSink')
  if (reason === 'UnprovenCredential') return []
  return reason === 'SeenInAnotherAccount' && sinks.length < MASS ? [] : sinks
}

/** Too many sinks of living objects; once it holds, it holds until the last of them is back. */
function massOf(
  known: Hold | undefined,
  missing: readonly HeldItem[],
  { living, missing: facts }: Evidence,
): HeldItem[] {
  const ofLiving = new Set(facts.filter((one) => one.living).map(({ sid }) => sid))
  const candidates = missing.filter((item) => isHeld(item) && ofLiving.has(item.id))
  const begun = new Set(known === undefined ? [] : massBefore(known).map(({ id }) => id))
  const latched = missing.filter((item) => isHeld(item) && begun.has(item.id))
  const isMass = candidates.length >= MASS && candidates.length >= MASS_SHARE * living
  if (!isMass && latched.length === 0) return []
  return [...new Set([...latched, ...candidates])]
}

interface HeldGroups {
  readonly elsewhere: readonly HeldItem[]
  readonly unproven: readonly HeldItem[]
  readonly vanished: readonly HeldItem[]
}

function reasonOf({ elsewhere, unproven, vanished }: HeldGroups): ChangesHeldReason | undefined {
  if (elsewhere.length > 0) return 'SeenInAnotherAccount'
  if (unproven.length > 0) return 'UnprovenCredential'
  return vanished.length > 0 ? 'MassDisappearance' : undefined
}

const byKindAndId = (a: HeldItem, b: HeldItem): number => {
  const [left, right] = [`${a.kind} ${a.id}`, `${b.kind} ${b.id}`]
  return left < right ? -1 : left === right ? 0 : 1
}

/** What a person has written as `events.twilio.com/allow-mass-change`. */
export type ApprovalTime =
  | { readonly kind: 'none' }
  /** Wall clock, milliseconds since the epoch. */
  | { readonly kind: 'time'; readonly at: number }
  /** Not a time as RFC 3339 has it: it approves nothing. */
  | { readonly kind: 'unreadable' }

const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/u

/** A whole RFC 3339 time with its offset, as `date -u +%Y-%m-%dT%H:%M:%SZ` prints it; a date alone could mean any hour. */
export function readApprovalTime(annotation: string | undefined): ApprovalTime {
  const text = annotation?.trim() ?? ''
  if (text === '') return { kind: 'none' }
  const [, year, month, day] = RFC3339.exec(text) ?? []
  if (day === undefined || !isDay(Number(year), Number(month), Number(day))) return { kind: 'unreadable' }
  return { kind: 'time', at: Date.parse(text.toUpperCase()) }
}

/** JavaScript reads 30 February as 2 March. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}
