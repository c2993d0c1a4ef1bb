import { CHANGES_HELD_REASONS } from '../../../../src/api/condition.ts'
import { READY_WARNINGS } from '../../../../src/sink/events.ts'
import { NO_LONGER_HELD } from '../../../../src/reconciler/account-events.ts'
import type { EventRow } from './event-rows.ts'

/** Events that say what a condition says, by the pages of the conditions. */
const OF_CONDITIONS: readonly (readonly [reason: string, page: string])[] = [
  ...READY_WARNINGS.map((reason) => [reason, `Sink-Ready-${reason}`] as const),
  ['DuplicateFound', 'Sink-DuplicateFound-MarkSeenTwice'],
  ['AccountMismatch', 'TwilioAccount-Ready-AccountMismatch'],
  ['CredentialsRefused', 'TwilioAccount-Ready-Unauthorized'],
  ['CredentialsRefused', 'TwilioAccount-Ready-Forbidden'],
  ['InvalidValue', 'TwilioAccount-Ready-SecretInvalid'],
  ['InvalidValue', 'TwilioAccount-Ready-InvalidValue'],
  ['SecretMissing', 'TwilioAccount-Ready-SecretMissing'],
  ...CHANGES_HELD_REASONS.map((reason) => ['ChangesHeld', `TwilioAccount-ChangesHeld-${reason}`] as const),
]

export interface ToldEvent extends EventRow {
  readonly type: string
  readonly note: string
}

export const eventsPage = (told: readonly ToldEvent[]): string => `# Events

An event tells what has happened, a [condition](conditions/README.md) how it stands. One reason has one meaning; at rest there
are none. \`kubectl describe\` shows those of the last hour. Each line was captured by the test that lets it happen on a real
API server (\`test/integration/operator/reasons\`).

| event | type | told when | for example |
| --- | --- | --- | --- |
${told.map(({ reason, type, when, note }) => `| ${reason} | ${type} | ${when} | ${note} |`).join('\n')}
| ChangesReleased | Normal | a TwilioAccount no longer holds changes | ${NO_LONGER_HELD} |

These are Warnings that say what a condition says when it appears; its page shows the event too.

| event | condition |
| --- | --- |
| DeletionBlocked | [DeletionBlocked](conditions/README.md), with any reason |
${OF_CONDITIONS.map(([reason, page]) => `| ${reason} | [${page.replaceAll('-', ', ')}](conditions/${page}.md) |`).join('\n')}
`
