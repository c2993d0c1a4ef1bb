import { listedSince, markAbsent, sinkGone, type ProofContext } from '../account/absence.ts'
import { markedBy, type Snapshot } from '../account/snapshot.ts'
import type { TwilioAccount } from '../api/twilio-account.ts'
import type { Claim } from '../sink/claim.ts'
import type { ExternalSink } from '../sink/external-sink.ts'
import type { ObservedObject, OpenAttempt, SnapshotFacts } from '../sink/observation.ts'
import { installationPart, ownerOf, readMark, type Owner } from '../sink/ownership-mark.ts'
import { recordedEnd } from '../sink/target.ts'
import type { AccountEntry } from './account-entry.ts'
import { awaitsOthers, believesMissing, believesUnmade } from './judge-account.ts'
import type { ObjectKey } from './ports.ts'
import type { SeenAttempt } from './attempt-log.ts'
import type { Surroundings } from './surroundings.ts'

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
  proofFrom: 0,
  imported: undefined,
  importGone: false,
  importAbandoned: false,
  elsewhere: [],
  claims: new Map(),
  subscriptions: undefined,
}

export interface FactsInput {
  readonly object: ObservedObject
  readonly entry: AccountEntry
  readonly account: TwilioAccount | undefined
  /** From when on a LIST says something about an object without SID. */
  readonly since: number
}

/** What the account's snapshot says about one object. */
export function snapshotFacts(s: Surroundings, { object, entry, account, since }: FactsInput): SnapshotFacts {
  const { snapshot } = entry
  const { sid } = object.status
  const owner = ownerOf(s.settings.installationId, object.key)
  const context = proofContext(s)
  const gone =
    sid === undefined
      ? undefined
      : sinkGone(snapshot, sid, { ...context, believed: believesMissing(entry, sid) })
  const nothing = markAbsent(
    snapshot,
    { owner, above: recordedEnd(object.status), since: sid === undefined ? since : 0 },
    context,
  )
  const imported = sinkOf(snapshot, object.importSid)
  const own = markedBy(snapshot, owner)
  const recorded = sinkOf(snapshot, sid)
  const elsewhere = elsewhereOf(snapshot, owner, account)
  return {
    kind: snapshot.lists.length === 0 || awaitsOthers(s, entry) ? 'none' : 'present',
    overdue: isOverdue(s, entry),
    recorded,
    recordedGone: gone?.proven ?? false,
    own,
    nothingOfOurs: nothing.proven,
    proofFrom: gone?.proven === false ? gone.from : nothing.from,
    imported,
    importGone: importGone(snapshot, object.importSid),
    importAbandoned: imported !== undefined && isAbandoned(s, imported),
    elsewhere,
    claims: claimsOf(s, [
      recorded,
      imported,
      ...own.map(({ sink }) => sink),
      ...elsewhere.map(({ sink }) => sink),
    ]),
    subscriptions: snapshot.subscriptions,
  }
}

function proofContext({ sights, settings }: Surroundings): Omit<ProofContext, 'believed'> {
  const { settle, leadingSince } = settings
  return { sights, settle, leadingSince: leadingSince() }
}

export function isOverdue({ settings, clock }: Surroundings, { snapshot, since }: AccountEntry): boolean {
  const latest = snapshot.lists[0]?.beganAt ?? Math.max(since, settings.leadingSince())
  return clock.monotonic() - latest > POLLS_UNTIL_OVERDUE * settings.poll
}

/** An attempt, judged by the account that it was sent to; without a snapshot of that account it stays unsettled. */
export function openAttempt(s: Surroundings, object: ObjectKey, attempt: SeenAttempt): OpenAttempt {
  const owner = ownerOf(s.settings.installationId, object)
  const { number, uid, times, accountSid, key, seenAt } = attempt
  const settlesAt = Math.max(seenAt, s.settings.leadingSince()) + s.settings.settle
  const unsettled = {
    number,
    uid,
    times,
    accountSid,
    key,
    settlesAt,
    settled: false,
    seen: false,
    absent: false,
  }
  const views = [...s.directory.all()].filter((entry) => entry.accountSid === accountSid)
  const sees = views.find(({ snapshot }) =>
    markedBy(snapshot, owner).some(({ mark }) => mark.number === number),
  )
  if (sees !== undefined) {
    return { ...unsettled, settled: listedSince(sees.snapshot.lists, settlesAt), seen: true }
  }
  // One account may have two objects: it is enough that one of their keys can prove it.
  const settled = views.filter(({ snapshot }) => listedSince(snapshot.lists, settlesAt))
  const absent = settled.some((entry) => {
    const asked = { owner, above: number - 1, since: settlesAt }
    const believed = believesUnmade(entry, { object, number, key })
    return believed && markAbsent(entry.snapshot, asked, proofContext(s)).proven
  })
  return { ...unsettled, settled: settled.length > 0, absent }
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
function isAbandoned({ settings, index }: Surroundings, { description }: ExternalSink): boolean {
  const { mark } = readMark(description)
  if (mark === undefined || !settings.watchesAll) return false
  return (
    mark.installation === installationPart(settings.installationId) &&
    index.keyOfObject(mark.object) === undefined
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
  { index }: Surroundings,
  sinks: readonly (ExternalSink | undefined)[],
): ReadonlyMap<string, readonly Claim[]> {
  return new Map(sinks.filter((sink) => sink !== undefined).map(({ sid }) => [sid, index.claims(sid)]))
}
