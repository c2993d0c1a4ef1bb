import { CHANGES_HELD_REASONS, type ChangesHeldReason, findCondition } from '../../api/condition.ts'
import { cut } from '../../api/status-length.ts'
import { MAX_HELD_ITEMS, type TwilioAccountStatus } from '../../api/twilio-account.ts'
import type { HeldItem, Hold } from '../../account/hold.ts'

/** The reason that the account's condition gives, for as long as this process has not evaluated it itself. */
export function heldBefore({ conditions }: TwilioAccountStatus): ChangesHeldReason | undefined {
  const condition = findCondition(conditions, 'ChangesHeld')
  return CHANGES_HELD_REASONS.find((reason) => condition?.status === 'True' && condition.reason === reason)
}

/** The hold that an earlier process has left in the status: without it an approval would not outlive a restart. */
export function holdBefore(status: TwilioAccountStatus): Hold | undefined {
  const { held } = status
  if (held === undefined) return undefined
  const items = held.items.flatMap(({ kind, id, since }) => {
    const at = Date.parse(since)
    return isKind(kind) && !Number.isNaN(at) ? [{ kind, id, since: at, approved: false }] : []
  })
  return { key: held.key, reason: heldBefore(status), items }
}

export function heldStatus({ key, items }: Hold): NonNullable<TwilioAccountStatus['held']> {
  return {
    key: cut(key, 'keyDigest'),
    items: mostTelling(items).map(({ kind, id, since }) => ({
      kind,
      id: cut(id, 'heldId'),
      // Milliseconds count: a hold that began in the second of an old approval is not approved by it.
      since: new Date(since).toISOString(),
    })),
  }
}

/** In the order of all. Attempts go last: people who may write Sinks can make up as many as they like. */
function mostTelling(items: readonly HeldItem[]): readonly HeldItem[] {
  if (items.length <= MAX_HELD_ITEMS) return items
  const kept = new Set(
    TELLING.flatMap((kind) => items.filter((item) => item.kind === kind)).slice(0, MAX_HELD_ITEMS),
  )
  return items.filter((item) => kept.has(item))
}

const TELLING: readonly HeldItem['kind'][] = ['SeenElsewhere', 'MissingSink', 'OpenAttempt']
const isKind = (kind: string): kind is HeldItem['kind'] => TELLING.some((one) => one === kind)
