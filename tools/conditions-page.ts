import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { markdownTable } from './markdown-table.ts'

const FOLDER = 'docs/conditions'

/** The index over the pages that the tests of the reasons write. */
export function conditionsPage(): string {
  const pages = readdirSync(FOLDER).filter((name) => name.endsWith('.md') && name !== 'README.md')
  const rows = pages.sort().map((name) => {
    const text = readFileSync(join(FOLDER, name), 'utf8')
    const [, kind = '', type = '', reason = ''] = /^# (\w+), (\w+): (\w+)$/mu.exec(text) ?? []
    const when = text.split('\n')[2] ?? ''
    return [kind, type, `[${reason}](${name})`, when, whoFixes(text)]
  })
  return `${HEAD}
${markdownTable(['kind', 'condition', 'reason', 'when', 'who can fix it'], rows)}
${FOOT}`
}

const HEAD = `# Conditions

Each page shows what \`kubectl describe\` prints and the command that fixes it. Both come from a test that provokes the
reason on a real API server, runs the command and sees the object recover (\`test/integration/operator/reasons\`).

\`Ready\` is always there. \`Reconciling\` means that it goes on by itself, \`Stalled\` that somebody has to act: it has the
reason, and the page, of \`Ready\`. Never both.
`

const FOOT = `
What happened, rather than how it stands, is told by [events](../events.md).
`

/** The page says it in the words that its test renders. */
function whoFixes(page: string): string {
  if (page.includes('Can be fixed with kubectl')) return 'a person with kubectl'
  return page.includes('Can be fixed at Twilio')
    ? 'a person with access to the Twilio account'
    : 'nobody: it goes on by itself'
}
