import { KubernetesFailure } from '../../reconciler/ports.ts'
import { TwilioFailure } from '../../sink/failure.ts'
import { CommandError } from '../command-options.ts'

/** In words for people; none of these holds a secret. Anything else is a defect and must be seen: it is thrown again. */
export function messageOf(error: unknown): string {
  if (error instanceof TwilioFailure) return `Twilio (${error.kind}): ${error.message}`
  if (error instanceof KubernetesFailure || error instanceof CommandError) return error.message
  throw error
}
