import type { FailureFacts } from '../../external/failure.ts'
import type { ReconcileContext } from '../context.ts'
import type { AccountState } from '../memory/account-registry.ts'

/**
 * Why the sinks could not be listed, and who can fix it, for the account's condition, its event and the log. Without counters
 * and times: while the cause stays, so does the text.
 */
export function pollFailureMessage(failure: FailureFacts): string {
  const { kind, code, message, words, moreInfo } = failure
  const known = code === undefined ? message : `${code} ${message}`
  const said = words === undefined ? '' : `, in Twilio's words "${words}"`
  const link = moreInfo === undefined ? '' : ` (${moreInfo})`
  return `${kind}: ${known}${said}${link}. ${remedyFor(failure)}`
}

/** Whether Twilio refuses the credentials: then the account says so itself. */
export const refusesCredentials = ({ kind }: Pick<FailureFacts, 'kind'>): boolean =>
  kind === 'unauthorized' || kind === 'forbidden'

function remedyFor({ kind, status, code }: FailureFacts): string {
  if (kind === 'rate-limited')
    return 'Other programs may use up the limit of this Twilio account; the operator waits as long as Twilio asks.'
  if (status === undefined)
    return 'Check the way from the operator to Twilio: --twilio-base-url, DNS, egress rules, proxies and their certificates.'
  if (code === undefined || kind === 'not-found')
    return 'Check --twilio-base-url (without /v1), and what stands between the operator and Twilio.'
  return 'If it lasts, look at https://status.twilio.com.'
}

/** Once for each series of failed polls, and again where the cause changes: an outage must not fill the log. */
export function logPollFailure(
  { observer }: ReconcileContext,
  { name, pollFailure: before }: AccountState,
  failure: FailureFacts,
): void {
  if (refusesCredentials(failure)) return
  const { kind, status, code, requestId, message, words: said } = failure
  if (before?.kind === kind && before.status === status && before.code === code) return
  const fields = {
    account: name,
    reason: 'TwilioUnreachable',
    kind,
    status,
    code,
    requestId,
    message,
    words: said,
  }
  observer.log('warn', fields, 'The sinks of a TwilioAccount could not be listed; retrying')
}

export function logPollRecovered(
  { observer }: ReconcileContext,
  { name, failures, pollFailure }: AccountState,
): void {
  if (pollFailure === undefined) return
  observer.log('info', { account: name, failures }, 'The sinks of a TwilioAccount have been listed again')
}
