import { betterClaim } from '../../../src/external/claim.ts'
import { differenceOf } from '../../../src/sink/difference.ts'
import type { ExternalSink } from '../../../src/external/external-sink.ts'
import type { Observation, PresentAccount } from '../../../src/sink/observation.ts'
import { readMark, sameOwner } from '../../../src/external/ownership-mark.ts'
import type { StateName } from '../../../src/sink/state.ts'

/**
 * The column 'when' of both tables of the design, written by hand: each row says when it applies, whatever the rows
 * before it say. The first one that applies is the state.
 */
export interface DesignRow {
  readonly name: StateName
  readonly when: (o: Observation) => boolean
}

const present = ({ account }: Observation): PresentAccount | undefined =>
  account.kind === 'present' ? account : undefined
const unrecorded = ({ object, snapshot }: Observation): boolean =>
  object.status.sid === undefined || snapshot.recordedGone
/** Not compared: what is on record for the SID; of a sink made from this very spec, whatever the answer shows otherwise. */
const agrees = (o: Observation, sink: ExternalSink): boolean => {
  const { desired, object, answered, owner } = o
  if (object.status.sid === sink.sid)
    return differenceOf(desired, sink, object.status.notComparable ?? []) === undefined
  const { mark } = readMark(sink.description)
  const justMade = mark !== undefined && sameOwner(mark, owner) && mark.number === answered
  return justMade ? desired.sinkType === sink.sinkType : differenceOf(desired, sink, []) === undefined
}

/** "The sinks with our mark whose number is above `status.createAttempt`." */
export const successorsOf = ({ snapshot, object }: Observation): readonly ExternalSink[] =>
  snapshot.own
    .filter(
      ({ mark, sink }) => mark.number > (object.status.createAttempt ?? 0) && sink.sid !== object.status.sid,
    )
    .map(({ sink }) => sink)

/** Exactly one to take over is needed, whatever it looks like: its mark says whose it is. */
const toTakeOver = (o: Observation): readonly ExternalSink[] =>
  o.snapshot.elsewhere.filter(({ takeOver }) => takeOver).map(({ sink }) => sink)

/** Made by this very object, as its status, its journal or the process remembers; else an earlier one has left it. */
const madeHere = ({ object, attempts }: Observation, sink: ExternalSink): boolean => {
  const { sid, accountSid, sinkType } = object.status
  const number = readMark(sink.description).mark?.number
  const claimed = attempts.filter(({ uid }) => uid === object.uid).map((one) => one.number)
  const known = [object.journal, ...claimed].some((one) => one !== undefined && one === number)
  return known || sid !== undefined || accountSid !== undefined || sinkType !== undefined
}

/** "A recorded SID that neither mark, date nor import explains is a conflict." */
const isWhole = ({ dateCreated, url }: Observation['object']['status'], sink: ExternalSink): boolean =>
  dateCreated === sink.dateCreated && url === sink.url
const explained = (o: Observation, sink: ExternalSink): boolean => {
  const { status, importSid } = o.object
  if (readMark(sink.description).mark !== undefined || isWhole(status, sink)) return true
  return present(o)?.importsAllowed === true && importSid === sink.sid
}

export type TargetKind = 'ours' | 'to take over' | 'foreign' | 'several' | 'unconfirmed' | 'absent'
export interface DesignTarget {
  readonly kind: TargetKind
  readonly sid: string | undefined
}

/** "The recorded SID; where it is not in the snapshot, its successor; else, while the object lives, `import.sid`." */
export function targetOf(o: Observation): DesignTarget {
  if (latest?.o !== o) latest = { o, target: findTarget(o) }
  return latest.target
}

/** Every rule asks for the target of the same observation. */
let latest: { readonly o: Observation; readonly target: DesignTarget } | undefined

function findTarget(o: Observation): DesignTarget {
  const { object, snapshot } = o
  const { recorded } = snapshot
  if (snapshot.kind === 'none') return { kind: 'unconfirmed', sid: undefined }
  if (recorded !== undefined)
    return explained(o, recorded)
      ? judged(o, recorded, { leave: false })
      : { kind: 'foreign', sid: recorded.sid }
  const successors = successorsOf(o)
  const [successor] = successors
  const wish = object.deleting ? undefined : object.importSid
  if (successors.length > 1) return { kind: 'several', sid: undefined }
  if (successor !== undefined) {
    const beside = wish !== undefined && wish !== successor.sid && object.status.sid === undefined
    if (beside) return { kind: 'foreign', sid: wish }
    const isUnlike = !madeHere(o, successor) && !agrees(o, successor)
    return isUnlike ? { kind: 'foreign', sid: successor.sid } : judged(o, successor, { leave: false })
  }
  if (!unrecorded(o)) return { kind: 'unconfirmed', sid: object.status.sid }
  if (wish !== undefined) return imported(o, wish)
  const over = object.deleting ? [] : toTakeOver(o)
  const [only] = over
  if (over.length > 1) return { kind: 'several', sid: undefined }
  if (only !== undefined)
    return agrees(o, only) ? judged(o, only, { leave: true }) : { kind: 'foreign', sid: only.sid }
  const proven = snapshot.nothingOfOurs && o.attempts.every(({ absent }) => absent)
  return { kind: proven ? 'absent' : 'unconfirmed', sid: undefined }
}

function imported(o: Observation, wish: string): DesignTarget {
  const sink = o.snapshot.imported
  const foreign = { kind: 'foreign', sid: wish } as const
  const may = present(o)?.importsAllowed === true && present(o)?.importsWait !== true
  if (!may || o.snapshot.importGone) return foreign
  if (sink === undefined) return { kind: 'unconfirmed', sid: wish }
  const target = judged(o, sink, { leave: o.snapshot.importAbandoned })
  return target.kind === 'foreign' || differenceOf(o.desired, sink, []) === undefined ? target : foreign
}

/** `leave`: another mark may be rewritten, since its object is gone or its installation is listed. */
function judged(o: Observation, sink: ExternalSink, { leave }: { leave: boolean }): DesignTarget {
  const { mark } = readMark(sink.description)
  const others = mark !== undefined && !sameOwner(mark, o.owner)
  const known = mark !== undefined || isWhole(o.object.status, sink)
  const kind = o.object.status.sid === sink.sid && known ? 'recorded' : 'wished'
  const isMarked = mark !== undefined && !others && o.object.status.sid === sink.sid
  // A recorded sink that carries the mark of this name is the name's alone; a mark alone can be forged.
  const competing = (isMarked ? [] : (o.snapshot.claims.get(sink.sid) ?? [])).flatMap((one) => {
    if (one.kind === 'wished' || one.dateCreated === sink.dateCreated) return [one]
    return one.imports === true ? [{ ...one, kind: 'wished' as const }] : []
  })
  const taken = betterClaim({ ...o.object.claim, kind, matches: agrees(o, sink) }, competing) !== undefined
  if (taken || (others && !leave)) return { kind: 'foreign', sid: sink.sid }
  return { kind: others ? 'to take over' : 'ours', sid: sink.sid }
}

const target = (o: Observation, ...kinds: readonly TargetKind[]): boolean => kinds.includes(targetOf(o).kind)
export function targetSink(o: Observation): ExternalSink | undefined {
  const { sid } = targetOf(o)
  const { recorded, imported: wished, own, elsewhere } = o.snapshot
  return [recorded, wished, ...[...own, ...elsewhere].map(({ sink }) => sink)].find(
    (sink) => sink?.sid === sid,
  )
}
const ours = (o: Observation, holds: (sink: ExternalSink) => boolean): boolean => {
  const sink = targetSink(o)
  return target(o, 'ours') && sink !== undefined && holds(sink)
}

const otherAccount = (o: Observation): boolean => {
  const account = present(o)?.accountSid
  const { accountSid = account } = o.object.status
  return (
    account !== undefined &&
    (accountSid !== account || o.attempts.some((one) => one.accountSid !== account && !one.absent))
  )
}
const inDoubt = ({ attempts }: Observation): boolean => attempts.some((one) => !one.settled && !one.seen)
const held = (o: Observation): boolean => present(o)?.held !== undefined
const used = (o: Observation, { sid }: ExternalSink): boolean =>
  (o.snapshot.subscriptions?.get(sid) ?? []).length > 0 || o.now.monotonic < (o.inUseUntil ?? 0)

const row = (name: StateName, when: DesignRow['when']): DesignRow => ({ name, when })

export const DELETING_ROWS: readonly DesignRow[] = [
  row('NotOurs', ({ object }) => !object.finalizer),
  row('Orphaned', ({ object, crdDeleting }) => object.deletionPolicy === 'Orphan' || crdDeleting),
  row('DeletionSuspended', ({ object }) => object.suspend),
  row('DeletionWithoutAccount', (o) => {
    const credential = present(o)?.credential.state ?? 'unusable'
    return credential === 'unusable' || otherAccount(o)
  }),
  row('DeletionUnreachable', ({ snapshot }) => snapshot.overdue),
  row('DeletionHeld', (o) => held(o) || o.attempts.some(({ unwitnessed }) => unwitnessed)),
  row('DeletionInDoubt', inDoubt),
  row('DeletionAmbiguous', (o) => target(o, 'several')),
  row('DeletionConflicted', (o) => target(o, 'foreign')),
  row('Blocked', (o) => ours(o, (sink) => used(o, sink))),
  row('ToDelete', (o) => target(o, 'ours')),
  row('DeletionToConfirmAbsence', (o) => target(o, 'unconfirmed')),
  row('SinkGone', (o) => target(o, 'absent')),
]

/** Found by its mark alone, which an earlier object of the name has left. */
const isLeft = (o: Observation, sink: ExternalSink): boolean =>
  o.object.status.sid === undefined && readMark(sink.description).mark !== undefined && !madeHere(o, sink)

const otherText = (o: Observation): boolean =>
  ours(o, ({ description }) => {
    const { text, mark } = readMark(description)
    const mayLackMark = o.object.importSid !== undefined
    return text !== o.desired.description || (mark === undefined && !mayLackMark)
  })
const words = ['initialized', 'validating', 'failed', 'active']
const word = (name: StateName, wanted: string) => row(name, (o) => ours(o, ({ status }) => status === wanted))

/** What differs is a malformed value and nothing else: it is told as such. */
function isMalformedAlone(o: Observation, sink: ExternalSink): boolean {
  return o.desired.problem?.kind === 'malformed' && isDoubtful(o, sink)
}

const isReplaced = (o: Observation, sink: ExternalSink): boolean =>
  !agrees(o, sink) && !(sink.status === 'active' && isMalformedAlone(o, sink))

/** A value is missing, or is malformed and not the one that Twilio has, and nothing else differs. */
export function isDoubtful(o: Observation, sink: ExternalSink): boolean {
  const { desired, object } = o
  const { problem, fromSecret } = desired
  const found = differenceOf(desired, sink, object.status.notComparable ?? [])?.members ?? []
  const others = agrees(o, sink) ? [] : found
  if (others.some((member) => !fromSecret.includes(member))) return false
  const isThere = fromSecret.some((member) => desired.configuration[member] === sink.configuration[member])
  return problem?.kind === 'missing' ? others.length === 0 : problem !== undefined && !isThere
}

export const LIVING_ROWS: readonly DesignRow[] = [
  row('FinalizerLost', ({ object, attempts }) => {
    return !object.finalizer && (object.status.sid !== undefined || attempts.length > 0)
  }),
  row('Suspended', ({ object }) => object.suspend),
  row('AccountNotReady', (o) => {
    const account = present(o)
    return account === undefined || account.deleting || account.credential.state !== 'usable'
  }),
  row('AccountMismatch', otherAccount),
  row('Unreachable', ({ snapshot }) => snapshot.overdue),
  row('NotYetObserved', ({ snapshot }) => snapshot.kind === 'none'),
  row('HeldInDoubt', (o) => {
    const inDoubtOf = o.attempts.some(({ seen, absent }) => !seen && !absent)
    return (held(o) && inDoubtOf) || o.attempts.some(({ unwitnessed }) => unwitnessed)
  }),
  row('InDoubt', inDoubt),
  row('Conflicted', (o) => target(o, 'foreign')),
  row('MarkedElsewhere', (o) => {
    const lives = o.snapshot.elsewhere.some(({ takeOver }) => !takeOver)
    return unrecorded(o) && successorsOf(o).length === 0 && lives
  }),
  row('ToAddFinalizer', (o) => target(o, 'ours', 'to take over') && !o.object.finalizer),
  row('ToTakeOver', (o) => target(o, 'to take over') && o.updateRefusal === undefined),
  row('Held', (o) => held(o) && !target(o, 'ours') && successorsOf(o).length === 0),
  row('ToConfirmAbsence', (o) => target(o, 'unconfirmed')),
  row('Ambiguous', (o) => target(o, 'several')),
  row('ToAdopt', (o) =>
    ours(
      o,
      (sink) => sink.sid !== o.object.status.sid && !(isLeft(o, sink) && o.desired.problem !== undefined),
    ),
  ),
  row('Invalid', (o) => {
    // Nothing else is wrong with the sink, and whether it is what the spec says cannot be known.
    const isRecorded = ours(o, (sink) => sink.sid === o.object.status.sid && sink.status === 'active')
    const goesOn = isRecorded && ours(o, (sink) => isDoubtful(o, sink)) && !otherText(o)
    const concerned =
      goesOn || target(o, 'absent') || ours(o, (sink) => isLeft(o, sink) && sink.sid !== o.object.status.sid)
    return concerned && o.desired.problem !== undefined
  }),
  row('Refused', (o) => {
    // Where the configuration differs, or is not known, nobody writes a description.
    const isNext = ours(o, (sink) => sink.sid === o.object.status.sid && !isReplaced(o, sink)) && otherText(o)
    const isWritten = isNext || target(o, 'to take over')
    return (target(o, 'absent') && o.refusal !== undefined) || (isWritten && o.updateRefusal !== undefined)
  }),
  row('ToCreate', (o) => target(o, 'absent')),
  row('ReplacementRequired', (o) => ours(o, (sink) => isReplaced(o, sink))),
  row('NotSticking', (o) => otherText(o) && o.notSticking),
  row('Drifted', otherText),
  word('Initialized', 'initialized'),
  word('Validating', 'validating'),
  word('Failed', 'failed'),
  row('Unrecognised', (o) => ours(o, ({ status }) => !words.includes(status))),
  word('Active', 'active'),
]

/** Neighbours that never apply together, and why. Every other pair of neighbours is met by an observation. */
export const EXCLUSIVE: readonly (readonly [StateName, StateName, because: string])[] = [
  ['DeletionAmbiguous', 'DeletionConflicted', 'a target is of one kind'],
  ['DeletionConflicted', 'Blocked', 'a target is of one kind'],
  ['ToDelete', 'DeletionToConfirmAbsence', 'a target is of one kind'],
  ['DeletionToConfirmAbsence', 'SinkGone', 'a target is of one kind'],
  ['ToConfirmAbsence', 'Ambiguous', 'a target is of one kind'],
  ['Ambiguous', 'ToAdopt', 'a target is of one kind'],
  ['ToAdopt', 'Invalid', 'what an earlier object has left is recorded with all values only'],
  ['ToCreate', 'ReplacementRequired', 'a target is of one kind'],
  ['Initialized', 'Validating', 'Twilio says one word'],
  ['Validating', 'Failed', 'Twilio says one word'],
  ['Failed', 'Unrecognised', 'Twilio says one word'],
  ['Unrecognised', 'Active', 'Twilio says one word'],
]

export const rowsFor = ({ object }: Observation): readonly DesignRow[] =>
  object.deleting ? DELETING_ROWS : LIVING_ROWS
