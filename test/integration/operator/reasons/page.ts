import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { CONDITION_PAGES, sectionOf, withSection } from '../../../../tools/conditions-page.ts'
import { anchorOf } from '../../../../tools/markdown-anchor.ts'
import type { Described } from './described.ts'
import { KIND_OF, type Reason, type Who } from './reason.ts'

const WHO: Readonly<Record<Who, string>> = {
  nobody: 'nobody',
  cluster: 'a person with kubectl',
  twilio: 'a person with access to the Twilio account',
  network: 'nobody, or who looks after the network or the operator',
}

export const writesPages = (): boolean => process.env['UPDATE_DOCS'] !== undefined

/**
 * Each condition shown has a section, which the run that provokes it writes (UPDATE_DOCS=1) or else compares: all of it
 * but the events, which are sent in the background. Stalled has the reason, and the section, of Ready. Conditions that
 * come together are explained once, in the section of the first.
 */
export function checkSections(reason: Reason, seen: Described): void {
  const page = CONDITION_PAGES[KIND_OF[reason.kind]]
  const [first = '', ...others] = Object.entries(reason.shows)
    .filter(([type]) => type !== 'Stalled')
    .map(([type, word]) => `${type}: ${word}`)
  checkSection(page, first, render(reason, first, captured(reason, seen)))
  const elsewhere = `It comes with [${first}](#${anchorOf(first)}), which says more.`
  for (const other of others) checkSection(page, other, render(reason, other, elsewhere))
}

/** Reads and writes without a pause, since tests that run at the same time write the same page. */
function checkSection(page: string, heading: string, section: string): void {
  if (writesPages()) writeFileSync(page, withSection(readFileSync(page, 'utf8'), section))
  const found = sectionOf(readFileSync(page, 'utf8'), heading).trimEnd()
  expect(found, `${page} has no section "${heading}": UPDATE_DOCS=1 writes it`).not.toBe('')
  expect(withoutEvents(found)).toBe(withoutEvents(section.trimEnd()))
}

const withoutEvents = (text: string): string => text.replace(/\nEvents:[^]*?\n```/u, '\n```')

const render = ({ when, who }: Reason, heading: string, rest: string): string => `## ${heading}

${when}

Who acts: ${WHO[who]}.

${rest}
`

const captured = ({ who, fix }: Reason, { conditions, events }: Described): string =>
  `What \`kubectl describe\` shows:

\`\`\`
${conditions}
${events}
\`\`\`

${who === 'nobody' ? fix : `What fixes it (words in CAPITALS are yours to fill in):\n\n\`\`\`sh\n${fix}\n\`\`\``}`
