import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Described } from './described.ts'
import { KIND_OF, type Reason, type Who } from './reason.ts'

const FOLDER = 'docs/conditions'
const WHO: Readonly<Record<Exclude<Who, 'nobody'>, string>> = {
  cluster: 'Can be fixed with kubectl.',
  twilio: 'Can be fixed at Twilio, by a person with access to the account there.',
}
const PROVEN = 'The test does this too and sees the object recover (words in CAPITALS are yours to fill in):'

export const writesPages = (): boolean => process.env['UPDATE_DOCS'] !== undefined

/**
 * Each condition shown has a page, which the run that provokes it writes (UPDATE_DOCS=1) or else compares: all of it
 * but the events, which are sent in the background. Stalled has the reason, and the page, of Ready.
 */
export async function checkPages(reason: Reason, seen: Described): Promise<void> {
  for (const [type, word] of Object.entries(reason.shows)) {
    if (type === 'Stalled') continue
    const file = join(FOLDER, `${KIND_OF[reason.kind]}-${type}-${word}.md`)
    const text = render(reason, `${type}: ${word}`, seen)
    if (writesPages()) {
      await mkdir(FOLDER, { recursive: true })
      await writeFile(file, text)
    }
    expect(existsSync(file), `${file} is missing: UPDATE_DOCS=1 writes it`).toBe(true)
    expect(withoutEvents(await readFile(file, 'utf8'))).toBe(withoutEvents(text))
  }
}

const withoutEvents = (text: string): string => text.replace(/\nEvents:[^]*?\n```/u, '\n```')

function render({ kind, when, who, fix }: Reason, what: string, { conditions, events }: Described): string {
  return `# ${KIND_OF[kind]}, ${what}

${when}

What \`kubectl describe\` shows (captured by the test that provokes it):

\`\`\`
${conditions}
${events}
\`\`\`

${remedy(who, fix)}
`
}

const remedy = (who: Who, fix: string): string =>
  who === 'nobody' ? fix : `${WHO[who]} ${PROVEN}\n\n\`\`\`sh\n${fix}\n\`\`\``
