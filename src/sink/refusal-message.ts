import type { DesiredSink } from './desired-sink.ts'
import type { FailureFacts } from './failure.ts'
import type { Refusal } from './observation.ts'

/** Code, words and link, and what to do. Counters and times stay out: they would cause writes. */
export function refusalMessage({ reason, failure, said }: Refusal, desired: MayBeSecret): string {
  if (failure === undefined && said !== undefined) return said
  const why = words(failure && shownFailure(failure, desired))
  switch (reason) {
    case 'CreateRefused':
      return `Twilio refuses to create the sink${why} Correct the spec or the Secret; it is tried again at once then, else slowly.`
    case 'QuotaExceeded':
      return `The account has no room for another sink${why} Delete sinks that are not needed, or use another account; it is tried again when there is room.`
    case 'RecreatedTooOften':
      return (
        'The sink was deleted at Twilio three times within an hour. Find out who deletes it; ' +
        'the operator creates it again when an hour has passed.'
      )
  }
}

type MayBeSecret = Pick<DesiredSink, 'fromSecret'>

/**
 * Whether Twilio's own words may be shown with this Sink. They may quote a value, or a part of one that nothing can
 * recognise; and who may read the object may not read the Secret.
 */
export const mayQuote = ({ fromSecret }: MayBeSecret): boolean => fromSecret.length === 0

/** The failure as people may see it. */
export function shownFailure(failure: FailureFacts, desired: MayBeSecret): FailureFacts {
  return mayQuote(desired) ? failure : { ...failure, message: failure.message, words: undefined }
}

export function words(failure: FailureFacts | undefined): string {
  if (failure === undefined) return '.'
  const code = failure.code === undefined ? '' : ` ${failure.code}`
  const link = failure.moreInfo === undefined ? '' : ` (${failure.moreInfo})`
  return `:${code} ${withoutFullStop(failure.words ?? failure.message)}${link}.`
}

function withoutFullStop(text: string): string {
  let end = text.length
  while (end > 0 && '. \n'.includes(text.charAt(end - 1))) end -= 1
  return text.slice(0, end)
}
