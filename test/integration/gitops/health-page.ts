import { readFileSync } from 'node:fs'
import { ACCOUNT_READY_REASONS, CHANGES_HELD_REASONS } from '../../../src/api/condition.ts'
import { markdownTable } from '../../../tools/markdown-table.ts'
import { kebab, type Capture } from './captures.ts'
import { CUSTOMIZATIONS, type Kind, type Reading } from './reading.ts'

export const HEALTH_PAGE = 'docs/health.md'

/** The states of both tables, in the order of docs/states.md. */
export const sinkStates = (): string[] =>
  [...readFileSync('docs/states.md', 'utf8').matchAll(/^\| (?!state)(\w+) \|/gmu)].map(
    ([, name = '']) => name,
  )

/** What an account may say; `New`: nothing yet. */
export const ACCOUNT_STATES: readonly string[] = ['New', ...ACCOUNT_READY_REASONS, ...CHANGES_HELD_REASONS]

export interface Read extends Capture {
  readonly reading: Reading
}

export function healthPage(reads: Readonly<Record<Kind, readonly Read[]>>): string {
  return `${HEAD}
## Sinks

What the states mean: [states](states.md). A state that acts is shown as it finds the object, which is why it may have several rows: what was said before stands until the act is done.

${table('Sink', sinkStates(), reads.Sink)}

## TwilioAccounts

By the reason of \`Ready\`, or of \`ChangesHeld\` where that is there; \`New\` is the first second.

${table('TwilioAccount', ACCOUNT_STATES, reads.TwilioAccount)}
${FOOT}`
}

function table(kind: Kind, states: readonly string[], reads: readonly Read[]): string {
  const rows = states.flatMap((state) =>
    reads
      .filter((one) => one.state === kebab(state))
      .map(({ file, reading: { argo, kstatus, flux } }) => {
        const link = `[object](${CUSTOMIZATIONS.replace('docs/', '')}/${kind}/${file})`
        return [state, link, argo.status, kstatus.status, flux.status]
      }),
  )
  return markdownTable(['state', 'captured', 'Argo CD', 'kstatus', 'Flux with our expressions'], rows)
}

const HEAD = `# Health

What Argo CD, kstatus (\`helm --wait\`, Flux, kpt) and Flux with [our expressions](gitops/flux/kustomization.yaml) make of live objects. The objects were captured from the tests on a real API server. The scripts run in the Lua that Argo CD uses, kstatus is cli-utils' own library, the expressions run in the CEL that Flux uses (\`tools/health-readers\`).

Tests judge every version of every object that they make, from its first second (\`test/integration/gitops\`):

* \`Reconciling\` and \`Stalled\` are never both there.
* Degraded, or Failed, is said where the object is \`Stalled\`, and nowhere else. A new sink is never red.
* Healthy, or Current, is said only once Twilio has what the spec says.

What somebody changes at Twilio is seen with the next poll; until then, and while it is put right, an object says what it said before.

One exception: kstatus has no word for a Sink that is **suspended**. It says what \`Ready\` said before, so an edit that waits counts as Current. Argo CD says Suspended, our expressions for Flux say InProgress, and \`kubectl wait --for=condition=Ready\` waits.
`

const FOOT = `
Everything else is said in the message: Argo CD shows that of the condition which decides. Events and print columns tell the reason to whoever uses another tool.

How to set the tools up: [Argo CD](argo-cd.md), [Flux](flux.md).
`
