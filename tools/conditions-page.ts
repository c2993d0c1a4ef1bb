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

This page lists every reason of every condition, with a page for each. A page shows what \`kubectl describe\` prints and the
command that fixes the problem. Both come from a test that causes the reason on a real API server, runs the command and
waits until the object has recovered (\`test/integration/operator/reasons\`).

\`Ready\` is always present. \`Reconciling\` means that the operator goes on by itself. \`Stalled\` means that a person has to
act; it has the same reason as \`Ready\`, so look at the page of \`Ready\`. An object never has both.
`

const FOOT = `
Conditions say how an object is now. [Events](../events.md) say what has happened to it.
`

/** The page says it in the words that its test renders. */
function whoFixes(page: string): string {
  if (page.includes('Can be fixed with kubectl')) return 'a person with kubectl'
  return page.includes('Can be fixed at Twilio')
    ? 'a person with access to the Twilio account'
    : 'nobody has to do anything'
}
