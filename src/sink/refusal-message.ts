import type { FailureFacts } from './failure.ts'
import type { Refusal } from './observation.ts'

/** Twilio's code, words and link, and what to do. Counters and times stay out: they would cause writes. */
export function refusalMessage({ reason, failure, said }: Refusal): string {
  if (failure === undefined && said !== undefined) return said
  switch (reason) {
    case 'CreateRefused':
      return `Twilio refuses to create the sink${words(failure)} Correct the spec or the Secret; it is tried again at once then, else slowly.`
    case 'QuotaExceeded':
      return `The account has no room for another sink${words(failure)} Delete sinks that are not needed, or use another account; it is tried again when there is room.`
    case 'RecreatedTooOften':
      return (
        'The sink was deleted at Twilio three times within an hour. Find out who deletes it; ' +
        'the operator creates it again when an hour has passed.'
      )
  }
}

export function words(failure: FailureFacts | undefined): string {
  if (failure === undefined) return '.'
  const code = failure.code === undefined ? '' : ` ${failure.code}`
  const link = failure.moreInfo === undefined ? '' : ` (${failure.moreInfo})`
  return `:${code} ${failure.message.replace(/[.\s]+$/u, '')}${link}.`
}
