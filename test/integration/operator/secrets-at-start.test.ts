import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BUNDLE } from '../../rigs/control-plane/bundle.ts'
import { canary, tracesOf } from './secrets-canary.ts'

/** What stands in a kubeconfig, or what its plugin prints: the process cannot start with it, and must not tell it. */
const secret = canary('kubeconfig')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-at-start-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Ended {
  readonly output: string
  readonly code: number | null
}

async function run(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const env = { PATH: process.env['PATH'], HOME: folder, ...environment }
  const child = spawn(process.execPath, [BUNDLE, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, ended] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { output: stdout + stderr, code: ended[0] as number | null }
}

function kubeconfig(content: string): string {
  const path = join(folder, 'config')
  writeFileSync(path, content)
  return path
}

const withPlugin = (script: string): string =>
  JSON.stringify({
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'u', user: { exec: { command: process.execPath, args: ['-e', script] } } }],
  })

const PROGRAMS = {
  'is broken YAML': `users:\n- name: u\n  user:\n    client-key-data: ${secret.text}\n   token: ${secret.text}\n`,
  'names an alias that is none': `token: *${secret.text}\n`,
  'is a token': secret.text,
  'has a plugin that prints a bare token': withPlugin(`console.log('${secret.text}')`),
  'has a plugin that complains': withPlugin(`console.error('${secret.text}'); process.exit(1)`),
}

describe.each(Object.entries(PROGRAMS))('a kubeconfig that %s', (_name, content) => {
  const ways: readonly (readonly [
    way: string,
    args: (path: string) => readonly string[],
    byVariable: boolean,
  ])[] = [
    ['run', (path) => [`--kubeconfig=${path}`, '--log-level=trace'], false],
    ['run with KUBECONFIG', () => ['--log-level=trace'], true],
    ['release', (path) => ['release', '--all-namespaces', '--dry-run', `--kubeconfig=${path}`], false],
  ]
  test.each(ways)(
    'is not quoted by %s, which says in one line that it cannot go on',
    async (_way, args, byVariable) => {
      const path = kubeconfig(content)
      const { output, code } = await run(args(path), byVariable ? { KUBECONFIG: path } : {})
      expect(code).toBe(1)
      expect(tracesOf(secret, output)).toEqual([])
      expect(output.trim().split('\n')).toHaveLength(1)
      expect(output).toMatch(/kubeconfig/u)
    },
  )
})

test('the content of a kubeconfig in place of its path is not quoted either', async () => {
  for (const args of [[], ['release', '--all-namespaces', '--dry-run']]) {
    const content = `token: ${secret.text}\n`
    for (const ended of [
      await run([...args, `--kubeconfig=${content}`]),
      await run(args, { KUBECONFIG: content }),
    ]) {
      expect(ended.code).toBe(1)
      expect(tracesOf(secret, ended.output)).toEqual([])
    }
  }
})
