import type { Settings } from '../context.ts'
import type { RemainingSinks } from './sinks-of-account.ts'

/** So many are named. */
const NAMED = 3

/** Names in order, so that a message changes only with what it names. */
const someOf = (names: readonly string[]): string =>
  names.length > NAMED ? `${names.slice(0, NAMED).join(', ')} and others` : names.join(', ')

/** Who may see the account need not know the objects of other namespaces. */
export function deletionMessage({ near, elsewhere, inDoubt, unread }: RemainingSinks): string {
  const sinks = [
    near.length === 0 ? undefined : someOf(near),
    elsewhere ? 'Sinks of other namespaces' : undefined,
  ]
  const named = sinks.filter((one) => one !== undefined).join(', and ')
  const who =
    named === ''
      ? ''
      : `these Sinks still use this TwilioAccount, and without it none of them can be deleted: ${named}`
  const create = inDoubt
    ? 'it is not known yet whether a sink came of a create through this TwilioAccount'
    : ''
  const unseen = unread
    ? 'a namespace that the operator is to watch cannot be read (its log names it), and Sinks in it may use this TwilioAccount'
    : ''
  const why =
    [who, create, unseen].filter((one) => one !== '').join('; ') ||
    'it is not known yet which Sinks use this TwilioAccount'
  return (
    `The deletion waits: ${why}. Delete the Sinks (kubectl get sinks --all-namespaces shows them); ` +
    'to leave their sinks at Twilio, set their spec.deletionPolicy to Orphan before. The TwilioAccount is deleted after the last of them.'
  )
}

/** For the owner of the account, whose sinks they are. */
export function unownedMessage(
  sids: readonly string[],
  { watchesAll }: Pick<Settings, 'watchesAll'>,
): string {
  const where = watchesAll ? '' : ' of the namespaces that this operator watches'
  const caution = watchesAll ? '' : '. First make sure that no Sink of another namespace has it'
  return (
    `No Sink${where} has these sinks, which carry the mark of this installation: ${someOf(sids)}. Their objects were deleted with ` +
    'deletionPolicy Orphan, or are gone without their finalizer. To have one again, apply its Sink again under its old name, or ' +
    `a Sink with spec.import.sid; to delete one: twilio api:events:v1:sinks:remove --sid ${sids[0] ?? ''}${caution}`
  )
}
