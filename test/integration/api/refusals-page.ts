import { readFile, writeFile } from 'node:fs/promises'

/** `docs/refusals.md`, written from what a real API server answered. */

const PAGE = new URL('../../../docs/refusals.md', import.meta.url)

export type RefusalRow = { did: string; kind: string; message: string }

export function refusalsPage(
  version: string,
  created: readonly RefusalRow[],
  changed: readonly RefusalRow[],
): string {
  return `# What the API server refuses

This page lists what the API server refuses, with the message that you see. It refuses these objects when you apply them, also with
\`kubectl apply --dry-run=server\`, server-side apply, Helm, Argo CD and Flux, so nothing reaches Twilio. The messages are those of Kubernetes ${version}; the cluster tests compare this page with a
real API server (\`UPDATE_DOCS=1\` rewrites it). The page leaves out one line that the API server adds if a length, an enum or a required field is
wrong: \`<nil>: … some validation rules were not checked …\`. It means that there may be more errors, which you see once the others are corrected.

## Creating an object

${table(created)}

## Changing a Sink whose sink exists at Twilio

While the Sink has the condition \`ReplacementRequired\`, the API server accepts changes of type and configuration, so that you can go back. You may
move a value between the object and a Secret at any time.

${table(changed)}
`
}

function table(refusals: readonly RefusalRow[]): string {
  const rows = refusals.map(({ did, kind, message }) => `| ${kind}: ${did} | ${cell(message)} |`)
  return ['| what you did | message |', '| --- | --- |', ...rows].join('\n')
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
