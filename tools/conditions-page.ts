import { anchorOf } from './markdown-anchor.ts'
import { markdownTable } from './markdown-table.ts'

/**
 * The pages of `docs/conditions`. The tests of the reasons write the sections, one for each reason; what is above the
 * sections, and their order, follows from them.
 */
export const CONDITION_PAGES = {
  Sink: 'docs/conditions/sink.md',
  TwilioAccount: 'docs/conditions/twilio-account.md',
} as const

type ConditionKind = keyof typeof CONDITION_PAGES

const CONDITIONS = [
  'Ready',
  'Reconciling',
  'DeletionBlocked',
  'ReplacementRequired',
  'DuplicateFound',
  'ChangesHeld',
  'SinksUnowned',
]

const sectionsOf = (page: string): string[] =>
  page.split(/^(?=## )/mu).filter((part) => part.startsWith('## '))

const headingOf = (section: string): string => /^## (.*)/u.exec(section)?.[1] ?? ''

/** The section under `heading`; empty if there is none. */
export const sectionOf = (page: string, heading: string): string =>
  sectionsOf(page).find((section) => headingOf(section) === heading) ?? ''

export const withSection = (page: string, section: string): string => {
  const others = sectionsOf(page).filter((one) => headingOf(one) !== headingOf(section))
  return [...others, section].join('')
}

/** The page with its sections in order below a table of them. */
export function conditionsPage(kind: ConditionKind, present: string): string {
  const sections = sectionsOf(present)
    .map((text) => ({ text: `${text.trimEnd()}\n`, ...partsOf(text) }))
    .sort((one, other) => one.place - other.place || (one.reason < other.reason ? -1 : 1))
  const rows = sections.map(({ condition, reason, link, means, whoActs }) => [
    condition,
    `[${reason}](#${link})`,
    means,
    whoActs,
  ])
  const table = markdownTable(['condition', 'reason', 'what it means', 'who acts'], rows)
  return [head(kind), table, ...sections.map(({ text }) => text)].join('\n\n')
}

function partsOf(section: string) {
  const [condition = '', reason = ''] = headingOf(section).split(': ')
  return {
    condition,
    reason,
    place: CONDITIONS.indexOf(condition),
    link: anchorOf(headingOf(section)),
    means: section.split('\n')[2] ?? '',
    whoActs: /^Who acts: (.*)\.$/mu.exec(section)?.[1] ?? '',
  }
}

const head = (kind: ConditionKind): string => `# Conditions of a ${kind}

This page explains every reason in the conditions of a ${kind}. Find the reason that \`kubectl describe ${kind.toLowerCase()}\` shows, and follow
its link: there you see the whole output and the command that fixes the problem. [Conditions](README.md) says what the conditions
themselves mean. \`Stalled\` has the same reason as \`Ready\`: look for it under \`Ready\`.

A test causes each reason on a real API server, captures the output, runs the command and waits until the object has
recovered (\`test/integration/operator/reasons\`). The names of objects are those of the test: put in the name of yours, and
its namespace (\`-n\`).`
