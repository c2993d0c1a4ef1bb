import { readFile, writeFile } from 'node:fs/promises'

/** `docs/refusals.md`, written from what a real API server answered. */

const PAGE = new URL('../../../docs/refusals.md', import.meta.url)

export type Refusal = { did: string; kind: string; message: string }

export function refusalsPage(
  version: string,
  created: readonly Refusal[],
  changed: readonly Refusal[],
): string {
  return `# What the API server refuses

Everything here is refused when it is applied, also by \`kubectl apply --dry-run=server\`, by server-side apply, Helm, Argo CD and Flux:
nothing has reached Twilio by then. The messages are those of Kubernetes ${version}; the cluster tests compare this page with a
real API server (\`UPDATE_DOCS=1\` writes it anew). Left out is one line that the API server adds of its own whenever a length, an enum or a required
field is at fault: \`<nil>: … some validation rules were not checked …\`. It only says that more may come to light once the rest is right.

## Creating an object

${table(created)}

## Changing a Sink whose sink exists at Twilio

The lock on type and configuration opens while the Sink has the condition \`ReplacementRequired\`, so that any change is a way back. A value may move
between the object and a Secret at any time.

${table(changed)}
`
}

function table(refusals: readonly Refusal[]): string {
  const rows = refusals.map(({ did, kind, message }) => `| ${kind}: ${did} | ${cell(message)} |`)
  return ['| what you did | what you read |', '| --- | --- |', ...rows].join('\n')
}

function cell(message: string): string {
  return message
    .split('\n')
    .map((line) => `\`${line.trim().replaceAll('|', '\\|')}\``)
    .join('<br>')
}

export async function writePage(page: string): Promise<void> {
  await writeFile(PAGE, page)
}

export async function presentPage(): Promise<string> {
  return readFile(PAGE, 'utf8')
}
