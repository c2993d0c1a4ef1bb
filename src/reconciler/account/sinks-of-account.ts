import type { DoubtedAttempt } from '../../account/hold.ts'
import { markedBy, showsItself } from '../../account/snapshot.ts'
import type { PartialSink, Sink } from '../../api/sink.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import type { KeyDigest } from '../../external/key-digest.ts'
import { accountNameOf, mayRefer, partialSink } from '../memory/account-of-sink.ts'
import type { AccountState } from '../memory/account-registry.ts'
import { heldAttemptId } from '../observe/account-trust.ts'
import { type ObjectKey, KubernetesFailure } from '../ports.ts'
import type { ReconcileContext } from '../context.ts'
import { isDeepStrictEqual } from 'node:util'
import { secretsOf } from '../../sink/desired-sink.ts'
import { readDesired, readingOnce, rememberDesired, rememberedDesired } from '../observe/read-desired.ts'

/** The Sinks that refer to an account. */
export interface AccountSinks {
  readonly keys: readonly ObjectKey[]
  /** Those that can be read. */
  readonly sinks: readonly { readonly key: ObjectKey; readonly sink: Sink }[]
  /** SIDs that they have recorded under this account. */
  readonly recorded: ReadonlySet<string>
  /**
   * Whether the account must stay for them. A Sink whose sink is in another account, or may have come of a create there,
   * can do nothing with this one: it would only keep a mistaken account from being taken away again. Nor can one that
   * may not refer to it: or everybody could keep the account of somebody else from being deleted.
   */
  readonly needed: boolean
  readonly remaining: RemainingSinks
}

/** What an account must stay for. */
export interface RemainingSinks {
  /** Sinks of its own namespace, in order. */
  readonly near: readonly ObjectKey[]
  readonly elsewhere: boolean
  /** A create through it whose end is not known. */
  readonly inDoubt: boolean
  /** A watched namespace cannot be read: there may be Sinks in it. */
  readonly unread: boolean
}

export interface ReferredAccount {
  readonly name: ObjectKey
  /** Undefined: it cannot be read, so all that refer to the account may need it. */
  readonly accountSid: string | undefined
  /** Undefined: who may refer to it cannot be read. */
  readonly account: TwilioAccount | undefined
  /** What the labels of namespaces said when they were last read. */
  readonly labelled: ReadonlyMap<string, boolean>
}

export function sinksOf(s: ReconcileContext, referred: ReferredAccount): AccountSinks {
  const found: { key: ObjectKey; sink: PartialSink; here: boolean }[] = []
  let inDoubt = false
  for (const cached of s.sinks.all()) {
    const sink = partialSink(cached)
    const open = s.names.of(cached.key).attempts.open(sink?.status.createAttempt ?? 0)
    // A create that this process has sent through the account needs it, also if the Sink refers to another account by now.
    inDoubt ||= open.some(({ through }) => through === referred.name)
    if (sink === undefined) continue
    const recorded = sink.status.accountSid ?? open[0]?.accountSid
    const isHere =
      referred.accountSid === undefined || (recorded ?? referred.accountSid) === referred.accountSid
    const refers = refersTo(s, sink, referred.name) ?? (isHere && recorded !== undefined)
    if (!refers) continue
    const may = mayReferTo(referred, sink)
    inDoubt ||= may && open.some(({ accountSid }) => accountSid === referred.accountSid)
    found.push({ key: cached.key, sink, here: may && isHere })
  }
  const here = found.filter((one) => one.here)
  const recorded = here.flatMap(({ sink }) => sink.status.sid ?? [])
  const keys = found.map(({ key }) => key)
  const unread = mayHaveUnread(s, referred)
  return {
    keys,
    sinks: keys.flatMap((key) => {
      const cached = s.sinks.get(key)
      return cached?.readable === true ? [{ key, sink: cached.object }] : []
    }),
    recorded: new Set(recorded),
    needed: here.length > 0 || inDoubt || unread,
    remaining: { ...partedFrom(referred.name, here), inDoubt, unread },
  }
}

/** Only Sinks of its own namespace may use most accounts, and that one can be read: the account is there. */
const mayHaveUnread = ({ settings }: ReconcileContext, { account }: ReferredAccount): boolean =>
  settings.unreadNamespaces().length > 0 && account?.spec.allowedNamespaces.from !== 'Same'

function partedFrom(
  account: ObjectKey,
  here: readonly { readonly key: ObjectKey; readonly sink: PartialSink }[],
): Pick<RemainingSinks, 'near' | 'elsewhere'> {
  const near = here.filter(({ sink }) => account.startsWith(`${sink.metadata.namespace}/`))
  return { near: near.map(({ key }) => key).sort(), elsewhere: near.length < here.length }
}

const mayReferTo = ({ account, labelled }: ReferredAccount, { metadata }: PartialSink): boolean =>
  account === undefined || mayRefer(account, metadata.namespace, labelled)

/** Undefined: its reference cannot be read. */
export function refersTo(
  { accounts, settings }: ReconcileContext,
  sink: PartialSink,
  name: ObjectKey,
): boolean | undefined {
  if (sink.unread?.has('spec') === true || sink.unread?.has('spec.accountRef') === true) return undefined
  return accountNameOf(sink, accounts, settings.defaultAccount) === name
}

/** What a Sink of one TwilioAccount has recorded. */
export interface RecordedObject {
  readonly sid: string
  /** The key through which it was recorded; undefined: version 0.1 has recorded it. */
  readonly key: KeyDigest | undefined
  readonly living: boolean
  /** When Twilio made it, as Twilio says; NaN where the status does not say. */
  readonly madeAt: number
}

/**
 * The Sinks that speak for or against a TwilioAccount: those that refer to it and may. Another TwilioAccount with the
 * same `accountSid`, and the Sinks that refer to it, count for that one alone.
 */
function* sinksThatCount(
  { sinks, accounts, settings }: ReconcileContext,
  account: TwilioAccount,
  { name, labelled }: AccountState,
): Iterable<{ readonly key: ObjectKey; readonly sink: PartialSink }> {
  for (const cached of sinks.all()) {
    const sink = partialSink(cached)
    if (sink === undefined || accountNameOf(sink, accounts, settings.defaultAccount) !== name) continue
    if (mayRefer(account, sink.metadata.namespace, labelled)) yield { key: cached.key, sink }
  }
}

export function recordedIn(
  s: ReconcileContext,
  account: TwilioAccount,
  entry: AccountState,
): readonly RecordedObject[] {
  const found = new Map<string, RecordedObject>()
  for (const { sink } of sinksThatCount(s, account, entry)) {
    const { sid, accountSid = entry.accountSid } = sink.status
    if (sid === undefined || accountSid !== entry.accountSid) continue
    // Two objects may have recorded the same sink: the younger stalls, the sink is one.
    if (found.get(sid)?.living !== true) found.set(sid, recordOf(sink, sid))
  }
  return [...found.values()]
}

const recordOf = ({ metadata, status }: PartialSink, sid: string): RecordedObject => ({
  sid,
  key: status.keyDigest,
  living: metadata.deletionTimestamp === undefined,
  madeAt: Date.parse(status.dateCreated ?? ''),
})

/** Creates whose end is not known, whose sink this key does not show, and for which it is no witness. */
export function doubtedAttempts(
  s: ReconcileContext,
  account: TwilioAccount,
  entry: AccountState,
): readonly DoubtedAttempt[] {
  const { accountSid, snapshot, kin, name } = entry
  const found: DoubtedAttempt[] = []
  for (const { key: object, sink } of sinksThatCount(s, account, entry)) {
    const { owner, attempts } = s.names.of(object)
    for (const attempt of attempts.open(sink.status.createAttempt ?? 0)) {
      if (attempt.accountSid !== accountSid || kin.has(attempt.key)) continue
      const seen = markedBy(snapshot, owner).some(
        (one) => one.mark.number === attempt.number && showsItself(snapshot, one.sink.sid),
      )
      if (seen) continue
      found.push({ id: heldAttemptId(name, object, attempt.number), attested: attempt.through === name })
    }
  }
  return found
}

/**
 * Once per poll each Secret that the account's Sinks use is read, and just the Sinks whose values changed get a reconcile.
 */
export async function refreshSecrets(s: ReconcileContext, { sinks }: AccountSinks): Promise<void> {
  const readSecret = readingOnce(s.cluster)
  for (const { key, sink } of bySecret(sinks)) {
    const known = rememberedDesired(s, key, sink)
    if (
      known === undefined ||
      secretsOf(sink.spec).length === 0 ||
      sink.metadata.deletionTimestamp !== undefined
    )
      continue
    try {
      const { sink: desired } = await readDesired(sink, readSecret)
      if (isDeepStrictEqual(known, desired)) continue
      rememberDesired(s, key, sink, desired)
      s.enqueue.sink(key)
    } catch (error) {
      if (!(error instanceof KubernetesFailure)) throw error
      s.observer.log(
        'warn',
        { sink: key, reason: error.kind },
        'A Secret of a Sink could not be read; it is tried at the next poll',
      )
    }
  }
}

/** Those that use the same Secrets follow each other. */
function bySecret(sinks: AccountSinks['sinks']): AccountSinks['sinks'] {
  return sinks
    .map((one) => ({ one, uses: [one.sink.metadata.namespace, ...secretsOf(one.sink.spec)].join('/') }))
    .sort((a, b) => (a.uses < b.uses ? -1 : Number(a.uses > b.uses)))
    .map(({ one }) => one)
}
