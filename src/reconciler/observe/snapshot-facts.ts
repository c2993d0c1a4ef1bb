import { listedSince, markAbsent, sinkGone, type AbsenceContext } from '../../account/absence.ts'
import { markedBy, showsItself, type Snapshot } from '../../account/snapshot.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import type { Claim } from '../../external/claim.ts'
import type { ExternalSink } from '../../external/external-sink.ts'
import { settleTimes, type OpenAttempt } from '../../external/create-attempt.ts'
import type { ObservedObject, SnapshotFacts } from '../../sink/observation.ts'
import { installationPart, readMark, type Owner } from '../../external/ownership-mark.ts'
import { recordedEnd } from '../../sink/target.ts'
import type { AccountState } from '../memory/account-registry.ts'
import { accountNameOf, mayImport, mayRefer, partialSink, readable } from '../memory/account-of-sink.ts'
import { absenceTrusted, attemptAbsenceTrusted, keysOfMarks } from './account-trust.ts'
import type { ObjectKey } from '../ports.ts'
import type { SeenAttempt } from '../memory/attempt-log.ts'
import type { ReconcileContext } from '../context.ts'

/** A LIST older than so many polls says nothing about now. */
const POLLS_UNTIL_OVERDUE = 3

/** Without an account nothing is known. */
export const NOTHING_KNOWN: SnapshotFacts = {
  kind: 'none',
  overdue: false,
  recorded: undefined,
  recordedGone: false,
  own: [],
  nothingOfOurs: false,
  absenceConfirmableFrom: 0,
  imported: undefined,
  importGone: false,
  importAbandoned: false,
  elsewhere: [],
  claims: new Map(),
  subscriptions: undefined,
}

export interface FactsInput {
  readonly object: ObservedObject
  readonly owner: Owner
  readonly entry: AccountState
  readonly account: TwilioAccount | undefined
  /** From when on a LIST says something about an object without SID. */
  readonly since: number
}

/** What the account's snapshot says about one object. */
export function snapshotFacts(s: ReconcileContext, input: FactsInput): SnapshotFacts {
  const { object, owner, entry, account } = input
  const { snapshot } = entry
  const recorded = sinkOf(snapshot, object.status.sid)
  const imported = sinkOf(snapshot, object.importSid)
  const own = markedBy(snapshot, owner)
  const elsewhere = elsewhereOf(snapshot, owner, account)
  return {
    kind: snapshot.lists.length === 0 ? 'none' : 'present',
    overdue: isOverdue(s, entry),
    recorded,
    ...absenceFacts(s, input),
    own,
    imported,
    importGone: importGone(snapshot, object.importSid),
    importAbandoned: imported !== undefined && isAbandoned(s, imported),
    elsewhere,
    claims: claimsOf(s, [recorded, imported, ...[...own, ...elsewhere].map(({ sink }) => sink)]),
    subscriptions: snapshot.subscriptions,
  }
}

function absenceFacts(
  s: ReconcileContext,
  { object, owner, entry, since }: FactsInput,
): Pick<SnapshotFacts, 'recordedGone' | 'nothingOfOurs' | 'absenceConfirmableFrom'> {
  const { snapshot } = entry
  const { sid, keyDigest: key } = object.status
  const context = absenceContext(s, entry)
  const gone =
    sid === undefined
      ? undefined
      : sinkGone(snapshot, sid, { ...context, trusted: absenceTrusted(s, entry, { sid, key }) })
  const asked = { owner, above: recordedEnd(object.status), since: sid === undefined ? since : 0 }
  const nothing = markAbsent(snapshot, asked, context)
  return {
    recordedGone: gone?.confirmed ?? false,
    nothingOfOurs: nothing.confirmed,
    absenceConfirmableFrom: gone?.confirmed === false ? gone.from : nothing.from,
  }
}

function absenceContext(
  { lastSeen, settings }: ReconcileContext,
  entry: AccountState,
): Omit<AbsenceContext, 'trusted'> {
  const { settle, leadingSince } = settings
  return { lastSeen, settle, leadingSince: leadingSince(), keys: keysOfMarks(entry) }
}

export function isOverdue({ settings, clock }: ReconcileContext, { snapshot, since }: AccountState): boolean {
  const latest = snapshot.lists[0]?.beganAt ?? Math.max(since, settings.leadingSince())
  return clock.monotonic() - latest > POLLS_UNTIL_OVERDUE * settings.poll
}

/**
 * An attempt, as seen by the TwilioAccount that the Sink refers to (`own`), and by every key that is known to be of the
 * account that it was sent to; without a snapshot of those it stays unsettled. Another TwilioAccount that only declares
 * the same account SID has no say.
 */
export function evaluateAttempt(
  s: ReconcileContext,
  object: ObjectKey,
  { attempt, own }: { readonly attempt: SeenAttempt; readonly own: ObjectKey | undefined },
): OpenAttempt {
  const { owner } = s.names.of(object)
  const { number, uid, times, accountSid, key, seenAt } = attempt
  const settlesAt = Math.max(seenAt, s.settings.leadingSince()) + settleTimes(times) * s.settings.settle
  const unsettled = {
    ...{ number, uid, times, accountSid, key, settlesAt },
    ...{ settled: false, seen: false, absent: false, unwitnessed: false },
  }
  const views = [...s.registry.all()].filter(
    (entry) => entry.accountSid === accountSid && (entry.name === own || entry.kin.has(key)),
  )
  const sees = views.find(({ snapshot }) =>
    markedBy(snapshot, owner).some(({ mark }) => mark.number === number),
  )
  if (sees !== undefined) {
    return { ...unsettled, settled: listedSince(sees.snapshot.lists, settlesAt), seen: true }
  }
  // One account may have two objects: it is enough that one of their keys can confirm it.
  const listed = views.filter(({ snapshot }) => snapshot.lists.length > 0)
  const trusted = listed.filter((entry) => attemptAbsenceTrusted(entry, { object, number, key }))
  const settled = views.filter(({ snapshot }) => listedSince(snapshot.lists, settlesAt))
  const absent = settled.some((entry) => {
    const asked = { owner, above: number - 1, since: settlesAt }
    return trusted.includes(entry) && markAbsent(entry.snapshot, asked, absenceContext(s, entry)).confirmed
  })
  const unwitnessed = listed.length > 0 && trusted.length === 0
  return { ...unsettled, settled: settled.length > 0, absent, unwitnessed }
}

const sinkOf = (snapshot: Snapshot, sid: string | undefined): ExternalSink | undefined =>
  sid === undefined ? undefined : snapshot.sinks.get(sid)?.sink

/** Nothing is created or deleted by it, so that no proven key is needed. */
function importGone({ absences, lists, sinks }: Snapshot, sid: string | undefined): boolean {
  const absence = sid === undefined ? undefined : absences.get(sid)
  const [list] = lists
  if (sid === undefined || absence === undefined || list === undefined) return false
  return !sinks.has(sid) && list.beganAt > absence.answeredAt
}

/** It carries a mark of this installation, and no object is there under it: that is how a Sink is renamed. */
function isAbandoned({ settings, names }: ReconcileContext, { description }: ExternalSink): boolean {
  const { mark } = readMark(description)
  if (mark === undefined || !settings.watchesAll) return false
  return (
    mark.installation === installationPart(settings.installationId) &&
    names.keyOfMark(mark.object) === undefined
  )
}

function elsewhereOf(
  { sinks }: Snapshot,
  owner: Owner,
  account: TwilioAccount | undefined,
): SnapshotFacts['elsewhere'] {
  const listed = new Map(account?.spec.otherInstallations.map(({ id, treatAs }) => [id, treatAs]))
  const found: SnapshotFacts['elsewhere'][number][] = []
  for (const { sink, mark } of sinks.values()) {
    if (mark === undefined || mark.object !== owner.object || mark.installation === owner.installation)
      continue
    const treatAs = listed.get(mark.installation)
    if (treatAs !== 'Separate') found.push({ sink, mark, takeOver: treatAs === 'TakeOver' })
  }
  return found
}

function claimsOf(
  s: ReconcileContext,
  sinks: readonly (ExternalSink | undefined)[],
): ReadonlyMap<string, readonly Claim[]> {
  return new Map(sinks.filter((sink) => sink !== undefined).map(({ sid }) => [sid, claimsOn(s, sid)]))
}

/**
 * What objects have of the sink, or want of it. A wish counts only where it may be fulfilled: through a TwilioAccount
 * that lets the Sink import, and whose own key shows the sink. Else everybody who knows its SID could keep it from its
 * owner.
 */
export function claimsOn(s: ReconcileContext, sid: string): readonly Claim[] {
  return s.index.claims(sid).filter((claim) => claim.kind === 'recorded' || mayBeFulfilled(s, claim, sid))
}

function mayBeFulfilled(s: ReconcileContext, { key }: Claim, sid: string): boolean {
  const sink = partialSink(s.sinks.get(key))
  if (sink === undefined) return false
  const name = accountNameOf(sink, s.accounts, s.settings.defaultAccount)
  const [account, entry] = [readable(s.accounts.get(name)), s.registry.get(name)]
  if (account === undefined || entry === undefined || !showsItself(entry.snapshot, sid)) return false
  const { namespace } = sink.metadata
  return mayRefer(account, namespace, entry.labelled) && mayImport(account, namespace)
}
