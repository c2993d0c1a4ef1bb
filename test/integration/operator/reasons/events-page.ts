import { differsNote } from '../../../../src/operator/start-up.ts'
import { READY_WARNINGS } from '../../../../src/sink/report/events.ts'
import { ACCOUNT_WARNINGS, NO_LONGER_HELD } from '../../../../src/reconciler/account/account-events.ts'
import { CONDITION_PAGES } from '../../../../tools/conditions-page.ts'
import { anchorOf } from '../../../../tools/markdown-anchor.ts'
import type { EventRow } from './event-rows.ts'

/** Events that say what a condition says, by the sections of the conditions. */
const OF_CONDITIONS: readonly (readonly [
  event: string,
  kind: keyof typeof CONDITION_PAGES,
  section: string,
])[] = [
  ...READY_WARNINGS.map((reason) => [reason, 'Sink', `Ready: ${reason}`] as const),
  ['DuplicateFound', 'Sink', 'DuplicateFound: MarkSeenTwice'],
  ...Object.entries(ACCOUNT_WARNINGS).map(([section, event]) => [event, 'TwilioAccount', section] as const),
]

const rowOf = ([event, kind, section]: (typeof OF_CONDITIONS)[number]): string =>
  `| ${event} | [${kind}, ${section}](${CONDITION_PAGES[kind].replace('docs/', '')}#${anchorOf(section)}) |`

/** What is called otherwise in the condition, the log and the metrics. */
const otherWords = (): readonly string[] =>
  OF_CONDITIONS.flatMap(([event, kind, section]) => {
    const [type, reason = ''] = section.split(': ')
    return event === reason || event === type ? [] : [`| ${event} | ${kind} | ${reason} |`]
  })

/** The part that follows from the source alone. */
export const conditionEvents = (): string => `| event | condition |
| --- | --- |
| DeletionBlocked | [Sink, DeletionBlocked](conditions/sink.md), with any reason |
${OF_CONDITIONS.map(rowOf).join('\n')}

Log lines and metrics use the words of the conditions. Three of these events have another name than the condition, because people already match on both:

| event | kind | reason of Ready |
| --- | --- | --- |
${otherWords().join('\n')}

A TwilioAccount also has the event TwilioUnreachable as soon as the first poll has failed, with the cause; the condition follows after three polls.
`

export interface ToldEvent extends EventRow {
  readonly type: string
  readonly note: string
}

export const eventsPage = (told: readonly ToldEvent[]): string => `# Events

This page explains every event of the operator. An event says what has happened; a [condition](conditions/README.md) says what
the state is now. Each reason has one meaning. The operator sends no events while nothing changes. \`kubectl describe\` shows the
events of the last hour. A test causes each event on a real API server and captures it (\`test/integration/operator/reasons\`).

| event | type | when | example |
| --- | --- | --- | --- |
${told.map(({ reason, type, when, note }) => `| ${reason} | ${type} | ${when} | ${note} |`).join('\n')}
| ChangesReleased | Normal | the TwilioAccount no longer holds changes | ${NO_LONGER_HELD} |
| DefaultAccountDiffers | Warning | at the start of the operator the TwilioAccount \`default\` differs from the options (\`account.sid\`, \`account.existingSecret\`, \`account.imports\` and \`account.allowedNamespaces\` of the chart), and the operator leaves it as it is | ${differsNote(['spec.imports'])} |

The following events are Warnings. The operator sends them when a condition appears, with the same text. The section of the condition shows the event, too.

${conditionEvents()}`
