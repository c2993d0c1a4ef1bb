import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { commandLineOf, killNow } from './process-table.ts'

const owner = fileURLToPath(new URL('run-folder-owner.ts', import.meta.url))
const PREFIX = 'twilio-sink-operator-control-plane-'
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

/** A dead process keeps its id until somebody asks for its exit code, which for orphans may take a while. */
const runs = (pid: number): boolean => commandLineOf(pid) !== ''

/** A process whose command line names a folder, as those of a control plane do. */
function spawnNamed(name: string): ChildProcess {
  return spawn('/bin/sleep', ['60'], { argv0: join(temporary, name, 'sleep'), stdio: 'ignore' })
}

function deadPid(): string {
  return execFileSync('/bin/sh', ['-c', 'echo $$']).toString()
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
    await expect.poll(() => pids.filter(runs), { timeout: 30_000 }).toEqual([])
    await expect.poll(() => readdirSync(temporary), { timeout: 30_000 }).toEqual([])
  },
)

test('an owner that is killed is cleaned up after by its guard', async () => {
  const { end } = await startOwner()
  const pids = children()
  await end('SIGKILL')
  await expect.poll(() => pids.filter(runs), { timeout: 30_000 }).toEqual([])
  await expect.poll(() => readdirSync(temporary), { timeout: 30_000 }).toEqual([])
})

test('what owner and guard leave behind is ended by the next one to start', async () => {
  const child = spawnNamed(`${PREFIX}abandoned`)
  const folder = join(temporary, `${PREFIX}abandoned`)
  mkdirSync(folder)
  writeFileSync(join(folder, 'owner.pid'), deadPid())
  writeFileSync(join(folder, 'children.pid'), `${child.pid}\n${process.pid}\n`)
  const { end } = await startOwner()
  await expect.poll(() => runs(child.pid ?? 0), { timeout: 30_000 }).toBe(false)
  expect(existsSync(folder)).toBe(false)
  await end('SIGTERM')
})
