import { ALLOW_MASS_CHANGE_ANNOTATION } from '../api/group.ts'
import type { Hold, HeldItem, ApprovalTime } from './hold.ts'

/**
 * For people: why the account holds changes, and who can fix it and how. No counters and no times: they would cause writes.
 */
export function holdMessage(
  { reason, items }: Hold,
  {
    accountSid,
    approval,
    now,
  }: { readonly accountSid: string; readonly approval: ApprovalTime; readonly now: number },
): string {
  const held = items.filter(({ approved }) => !approved)
  const named = (kind: HeldItem['kind']) => namesOf(held.filter((item) => item.kind === kind))
  const why = {
    SeenInAnotherAccount: `${named('SeenElsewhere')} is also seen through another TwilioAccount with another accountSid, which came first or is known to be right: the credentials of this one seem to belong to another account than ${accountSid}.`,
    UnprovenCredential: `The key in use does not show ${unseen(named)}; it has never made or shown it, and is not known to be of the same account as the key that has.`,
    MassDisappearance: `Many recorded sinks are missing at the same time: ${named('MissingSink')}.`,
    none: '',
  }[reason ?? 'none']
  const [fix, but] =
    reason === 'MassDisappearance'
      ? ['If Twilio shows them again, this ends by itself.', 'If they are really gone']
      : [`Put credentials of ${accountSid} into the Secret.`, 'If these are the right ones']
  return (
    `${why} Until this is settled, nothing is created and no deletion is completed. ${fix} ${but}, set the annotation ` +
    `${ALLOW_MASS_CHANGE_ANNOTATION} of this TwilioAccount to the present time (date -u +%Y-%m-%dT%H:%M:%SZ); ` +
    `that covers what is missing now.${whyNotApproved(held, approval, now)}`
  )
}

/** How many are named; the rest is in `status.held`. */
const NAMED = 3

function namesOf(items: readonly HeldItem[]): string {
  const names = items.slice(0, NAMED).map(({ id }) => id)
  return items.length > NAMED ? `${names.join(', ')} and others` : names.join(', ')
}

function unseen(named: (kind: HeldItem['kind']) => string): string {
  const [sinks, attempts] = [named('MissingSink'), named('OpenAttempt')]
  const create = attempts === '' ? '' : `what became of the create of ${attempts}, which another key has sent`
  return [sinks, create].filter((text) => text !== '').join(', nor ')
}

function whyNotApproved(held: readonly HeldItem[], approval: ApprovalTime, now: number): string {
  if (approval.kind === 'none') return ''
  if (approval.kind === 'unreadable')
    return ' Its value is not a time of RFC 3339, such as 2026-11-24T10:00:00Z: it approves nothing.'
  if (approval.at > now) return ' Its value lies in the future: it approves nothing until then.'
  return held.some(({ since }) => since >= approval.at)
    ? ' Its value is not after the beginning of this hold: it approves nothing of it.'
    : ''
}
