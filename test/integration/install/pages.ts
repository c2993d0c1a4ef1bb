import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { findPrograms } from '../../rigs/control-plane/binaries.ts'
import { helmHome } from '../../rigs/control-plane/helm.ts'
import { ROOT, type Site } from './site.ts'

/** One fenced block of a page. */
export type Block = { readonly section: string; readonly language: string; readonly text: string }

/** The fenced blocks of a page, in order; `section` is the heading of the second level that they stand under. */
export async function blocksOf(page: string): Promise<Block[]> {
  const blocks: Block[] = []
  let section = ''
  let open: { language: string; lines: string[] } | undefined
  for (const line of (await readFile(join(ROOT, page), 'utf8')).split('\n')) {
    const fence = /^```(?<language>.*)/u.exec(line)?.groups?.['language']
    if (fence === undefined) {
      if (open !== undefined) open.lines.push(line)
      else if (line.startsWith('## ')) section = line.slice(3)
    } else if (open === undefined) {
      open = { language: fence, lines: [] }
    } else {
      blocks.push({ section, language: open.language, text: open.lines.join('\n') })
      open = undefined
    }
  }
  return blocks
}

/** One command may go over several lines. */
export const commandsIn = (block: string): string[] =>
  block
    .replaceAll(/\\\n/gu, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))

/** A shell of somebody who has the repository, a kubeconfig and the variables that Twilio's own tools read. */
export async function shellOf({
  cluster,
  accountSid,
  key,
}: Site): Promise<(commands: string) => Promise<string>> {
  const folders = [dirname(cluster.kubectlPath), await findPrograms(['helm'])]
  const env = {
    ...process.env,
    ...helmHome(cluster.folder),
    KUBECONFIG: cluster.kubeconfigPath,
    KUBECACHEDIR: join(cluster.folder, 'kubectl-cache'),
    PATH: [...folders, process.env['PATH'] ?? ''].join(delimiter),
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_API_KEY: key.sid,
    TWILIO_API_SECRET: key.secret,
  }
  return async (commands) => {
    const options = { cwd: ROOT, env, timeout: 180_000 }
    return (await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands], options)).stdout
  }
}
