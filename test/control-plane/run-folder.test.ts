import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { commandLineOf, isAlive, killNow } from './process-table.ts'

const owner = fileURLToPath(new URL('run-folder-owner.ts', import.meta.url))
let temporary: string

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'owner-test-'))
})

afterEach(() => {
  for (const pid of children()) if (commandLineOf(pid).includes(temporary)) killNow(pid)
  rmSync(temporary, { recursive: true, force: true })
})

function children(): number[] {
  const files = readdirSync(temporary).map((name) => join(temporary, name, 'children.pid'))
  return files.flatMap((file) => readFileSync(file, 'utf8').trim().split('\n').map(Number))
}

/** Starts a process that owns a run folder with one child under a temporary folder of this test. */
async function startOwner(): Promise<{ end: (signal: NodeJS.Signals) => Promise<unknown> }> {
  const env = { ...process.env, TMPDIR: temporary }
  const child = spawn(process.execPath, [owner], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return {
    end: async (signal) => {
      const ended = once(child, 'exit')
      child.kill(signal)
      const [, endedBy] = (await ended) as [number | null, NodeJS.Signals | null]
      return endedBy
    },
  }
}

test.for(['SIGTERM', 'SIGINT'] as const)(
  'an owner that gets %s takes its children and folder along',
  async (signal) => {
    const { end } = await startOwner()
    const pids = children()
    expect(pids).toHaveLength(1)
    expect(await end(signal)).toBe(signal)
    await expect.poll(() => pids.filter(isAlive), { timeout: 5_000 }).toEqual([])
    expect(readdirSync(temporary)).toEqual([])
  },
)

test('what an owner leaves that was killed is ended by the next one to start', async () => {
  const first = await startOwner()
  const orphans = children()
  await first.end('SIGKILL')
  expect(orphans.filter(isAlive)).toEqual(orphans)
  const second = await startOwner()
  await expect.poll(() => orphans.filter(isAlive), { timeout: 5_000 }).toEqual([])
  expect(readdirSync(temporary)).toHaveLength(1)
  await second.end('SIGTERM')
})
