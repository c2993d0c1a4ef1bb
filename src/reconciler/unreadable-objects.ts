import { isDeepStrictEqual } from 'node:util'
import {
  type Condition,
  type ConditionInput,
  FACTS_OF_THE_SINK,
  findCondition,
  setCondition,
} from '../api/condition.ts'
import { FINALIZER } from '../api/group.ts'
import type { Metadata } from '../api/parse.ts'
import type { PartialSink, Sink } from '../api/sink.ts'
import type { TwilioAccount } from '../api/twilio-account.ts'
import { removeFinalizerPatch } from './metadata-patch.ts'
import type { JsonPatchOperation, ObjectEvent, UnreadableObject } from './ports.ts'
import type { AccountState } from './memory/account-registry.ts'
import { sinksOf, type AccountSinks } from './account/sinks-of-account.ts'
import type { ReconcileContext } from './context.ts'

/**
 * Objects that this version cannot read. Their own status says so, once: what is stored already is not written again,
 * also not after a restart. Nothing at Twilio is touched for them, and all others go on.
 */

const REMEDY = 'correct the field, or apply the object again with the CRDs of this version'
const WAY_OUT = 'To leave the sink at Twilio instead, set spec.deletionPolicy to Orphan.'

/** As of a Sink (`FACTS_OF_THE_SINK`). */
const KEPT_OF_ACCOUNT = ['ChangesHeld', 'SinksUnowned']

/** Without leadership the key is retried; otherwise it waits for a change. */
type UnreadableResult = { readonly kind: 'change' | 'retry' }

export async function reconcileUnreadableSink(
  s: ReconcileContext,
  unreadable: UnreadableObject<Sink>,
): Promise<UnreadableResult> {
  if (!s.leadership.mayMutate()) return { kind: 'retry' }
  logOnce(s, 'sink', unreadable)
  await reportUnreadableSink(s, unreadable)
  return { kind: 'change' }
}

/** As any other account it stays for the Sinks that need it, and goes when none does. */
export async function reconcileUnreadableAccount(
  s: ReconcileContext,
  unreadable: UnreadableObject<TwilioAccount>,
  keepFinalizer: KeepFinalizer,
): Promise<UnreadableResult> {
  if (!s.leadership.mayMutate()) return { kind: 'retry' }
  const { key, partial } = unreadable
  logOnce(s, 'account', unreadable)
  const { accountSid } = partial?.spec ?? {}
  const sinks = sinksOf(s, { name: key, accountSid, account: undefined, labelled: new Map() })
  const entry = { name: key, finalizerRefused: false }
  if (partial !== undefined && (await keepFinalizer(s, entry, partial, sinks))) return { kind: 'change' }
  const now = s.accounts.get(key)
  if (now?.readable === false) await reportUnreadableAccount(s, now)
  return { kind: 'change' }
}

/** Resolves to whether the account is leaving. */
type KeepFinalizer = (
  s: ReconcileContext,
  entry: Pick<AccountState, 'name' | 'finalizerRefused'>,
  account: Pick<TwilioAccount, 'metadata'>,
  sinks: AccountSinks,
) => Promise<boolean>

async function reportUnreadableSink(s: ReconcileContext, unreadable: UnreadableObject<Sink>): Promise<void> {
  const { key, problem, partial } = unreadable
  if (partial?.metadata.deletionTimestamp === undefined) {
    const message = `This object cannot be read (${problem}): ${REMEDY}.`
    await writeConditions(s, { kind: 'Sink', unreadable, inputs: invalid(message), kept: FACTS_OF_THE_SINK })
    return
  }
  if (!partial.metadata.finalizers.includes(FINALIZER)) return
  if (await isToBeOrphaned(s, partial)) {
    await s.sinks.patch(key, removeFinalizerPatch(partial.metadata))
    const note = `What is at Twilio stays there (${partial.status.sid ?? 'no SID recorded'}).`
    emit(s, 'Sink', partial.metadata, { type: 'Normal', reason: 'SinkOrphaned', note })
    return
  }
  const message = `The deletion waits: this object cannot be read (${problem}): ${REMEDY}. ${WAY_OUT}`
  const inputs = [
    { type: 'Ready', status: 'False', reason: 'Deleting', message },
    { type: 'DeletionBlocked', status: 'True', reason: 'InvalidValue', message },
  ] as const
  await writeConditions(s, { kind: 'Sink', unreadable, inputs, kept: FACTS_OF_THE_SINK })
}

async function reportUnreadableAccount(
  s: ReconcileContext,
  unreadable: UnreadableObject<TwilioAccount>,
): Promise<void> {
  const message = `This object cannot be read (${unreadable.problem}), and the operator does nothing for its Sinks: ${REMEDY}.`
  await writeConditions(s, {
    kind: 'TwilioAccount',
    unreadable,
    inputs: invalid(message),
    kept: KEPT_OF_ACCOUNT,
  })
}

const invalid = (message: string): readonly ConditionInput[] => [
  { type: 'Ready', status: 'False', reason: 'InvalidValue', message },
  { type: 'Stalled', status: 'True', reason: 'InvalidValue', message },
]

/** A person's policy, or the deletion of the CRD, needs no other field; see `classifyDeleting`. */
const isToBeOrphaned = async ({ cluster }: ReconcileContext, { spec }: PartialSink): Promise<boolean> =>
  spec.deletionPolicy === 'Orphan' || (await cluster.sinkCrd()).deleting

interface StatusInput {
  readonly kind: ObjectEvent['kind']
  readonly unreadable: UnreadableObject<Sink> | UnreadableObject<TwilioAccount>
  readonly inputs: readonly ConditionInput[]
  /** Types of conditions that stay. */
  readonly kept: readonly string[]
}

async function writeConditions(
  s: ReconcileContext,
  { kind, unreadable, inputs, kept }: StatusInput,
): Promise<void> {
  const { generation, partial, key } = unreadable
  const before = partial?.status.conditions ?? []
  const when = { generation, wall: s.clock.now() }
  const conditions = [
    ...inputs.map((input) => setCondition(before, input, when)),
    ...before.filter(({ type }) => kept.includes(type)),
  ]
  const isSaid = partial?.status.observedGeneration === generation && isDeepStrictEqual(before, conditions)
  if (isSaid) {
    if (kind === 'Sink') s.observer.statusWritten('skipped')
    return
  }
  const store = kind === 'Sink' ? s.sinks : s.accounts
  await store.patchStatus(key, patchOf(unreadable, conditions))
  if (kind === 'Sink') s.observer.statusWritten('written')
  if (partial !== undefined) emitWarning(s, kind, partial.metadata, { before, conditions })
}

/** Only what we say is replaced: the SID beside it stays. */
function patchOf(
  { uid, resourceVersion, generation, partial }: StatusInput['unreadable'],
  conditions: readonly Condition[],
): JsonPatchOperation[] {
  const tests: JsonPatchOperation[] = [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
  ]
  if (partial === undefined || partial.unread?.has('status') === true)
    return [...tests, { op: 'add', path: '/status', value: { observedGeneration: generation, conditions } }]
  return [
    ...tests,
    { op: 'add', path: '/status/observedGeneration', value: generation },
    { op: 'add', path: '/status/conditions', value: conditions },
  ]
}

/** A Warning where the reason of a condition is another one than before. */
function emitWarning(
  s: ReconcileContext,
  kind: ObjectEvent['kind'],
  metadata: Metadata,
  {
    before,
    conditions,
  }: { readonly before: readonly Condition[]; readonly conditions: readonly Condition[] },
): void {
  const blocked = findCondition(conditions, 'DeletionBlocked')
  const said = blocked ?? findCondition(conditions, 'Ready')
  if (said === undefined || findCondition(before, said.type)?.reason === said.reason) return
  const reason = blocked === undefined ? said.reason : 'DeletionBlocked'
  emit(s, kind, metadata, { type: 'Warning', reason, note: said.message })
}

function emit(
  { events }: ReconcileContext,
  kind: ObjectEvent['kind'],
  { namespace, name, uid, resourceVersion }: Metadata,
  event: Pick<ObjectEvent, 'type' | 'reason' | 'note'>,
): void {
  events.emit({ kind, namespace, name, uid, resourceVersion, action: 'Reconcile', ...event })
}

/** After a restart it is logged again, and not written into the object again. */
function logOnce(
  { unreadable: logged, observer }: ReconcileContext,
  kind: 'sink' | 'account',
  unreadable: StatusInput['unreadable'],
): void {
  const { key, uid, problem, partial } = unreadable
  const waits = kind === 'sink' && partial?.metadata.deletionTimestamp !== undefined
  const condition = waits ? 'DeletionBlocked' : 'Ready'
  const [name, line] = [`${kind} ${key}`, `${uid}/${condition}/${problem}`]
  if (logged.get(name) === line) return
  logged.set(name, line)
  const fields = { [kind]: key, condition, reason: 'InvalidValue', message: problem, problem }
  observer.log('error', fields, UNREADABLE[kind])
}

const UNREADABLE = { sink: 'A Sink cannot be read', account: 'A TwilioAccount cannot be read' }

/** It can be read again, or is gone: whatever is wrong with it next is logged again. */
export const forgetUnreadable = (
  { unreadable }: ReconcileContext,
  kind: 'sink' | 'account',
  key: string,
): void => {
  unreadable.delete(`${kind} ${key}`)
}
