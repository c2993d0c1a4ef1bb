import { readFileSync } from 'node:fs'
import { ACCOUNT_READY_REASONS, CHANGES_HELD_REASONS } from '../../../src/api/condition.ts'
import { markdownTable } from '../../../tools/markdown-table.ts'
import { kebab, type Capture } from './captures.ts'
import { CUSTOMIZATIONS, type Kind, type Reading } from './reading.ts'

export const HEALTH_PAGE = 'docs/health.md'

/** The states of both tables of an object, in the order of docs/states.md. What was just created has no state of its own. */
export function sinkStates(): string[] {
  const [ofObjects = ''] = readFileSync('docs/states.md', 'utf8').split('\n## A sink that was just created\n')
  return [...ofObjects.matchAll(/^\| (?!state)(\w+) \|/gmu)].map(([, name = '']) => name)
}

/** What an account may say; `New`: nothing yet. */
export const ACCOUNT_STATES: readonly string[] = ['New', ...ACCOUNT_READY_REASONS, ...CHANGES_HELD_REASONS]

export interface Read extends Capture {
  readonly reading: Reading
}

export function healthPage(reads: Readonly<Record<Kind, readonly Read[]>>): string {
  return `${HEAD}
## Sinks

[States](states.md) says what the states mean. In a state in which the operator acts, the object keeps its earlier conditions until the operator has acted. So such a state can have several rows.

${table('Sink', sinkStates(), reads.Sink)}

## TwilioAccounts

The state is the reason of \`Ready\`, or the reason of \`ChangesHeld\` if that condition is present. \`New\` is the first second.

${table('TwilioAccount', ACCOUNT_STATES, reads.TwilioAccount)}
${FOOT}`
}

function table(kind: Kind, states: readonly string[], reads: readonly Read[]): string {
  const rows = states.flatMap((state) =>
    reads
      .filter((one) => one.state === kebab(state))
      .map(({ file, reading: { argo, kstatus, flux } }) => {
        const link = `[object](../${CUSTOMIZATIONS}/${kind}/${file})`
        return [state, link, argo.status, kstatus.status, flux.status]
      }),
  )
  return markdownTable(['state', 'captured', 'Argo CD', 'kstatus', 'Flux with our expressions'], rows)
}

const HEAD = `# Health

This page shows which health Argo CD, kstatus (\`helm --wait\`, Flux, kpt) and Flux with [our expressions](../integrations/flux/kustomization.yaml) report in each state. The tests captured the objects on a real API server. The scripts run in the Lua interpreter of Argo CD, kstatus is the library of cli-utils, and the expressions run in the CEL library of Flux (\`tools/health-readers\`).

Tests check every version of every object that they create, from its first second (\`test/integration/gitops\`):

* An object never has both \`Reconciling\` and \`Stalled\`.
* An object is Degraded, or Failed, if and only if it is \`Stalled\`. A new Sink is never red.
* An object is Healthy, or Current, only once the sink at Twilio is as the spec says.

If somebody changes something at Twilio, the operator sees it at the next poll. Until then, and while the operator corrects it, the health of the object stays as it was.

There is one exception: kstatus has no status for a **suspended** Sink. It reports what \`Ready\` said before, so a Sink whose change of the spec waits is Current. Argo CD shows Suspended, our expressions for Flux give InProgress, and \`kubectl wait --for=condition=Ready\` waits.
`

const FOOT = `
The message of the condition says everything else: Argo CD shows the message of the condition that decides the health, but for an object that is being deleted only \`Pending deletion\`. Then, and with other tools, look at the events and the columns of \`kubectl get\`.

How to set up the tools: [Argo CD](../integrations/argo-cd/README.md), [Flux](../integrations/flux/README.md).
`
