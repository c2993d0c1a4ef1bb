import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SCENARIO } from './scenario.ts'

/** The demo's own temporary folder: whatever it leaves is in there or names it in its arguments. */
let temporary: string
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'demo-test-'))
})
afterEach(async () => {
  // Only after a failure does one still run; asked to end, it tidies up.
  for (const run of runs.splice(0)) {
    if (run.child.exitCode === null) run.child.kill('SIGTERM')
    await run.ended
  }
  await rm(temporary, { recursive: true, force: true })
})

interface Run {
  readonly child: ChildProcess
  soFar(): string
  /** Resolves when the demo has printed this. */
  printed(words: string): Promise<void>
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>
}

const runs: Run[] = []

function startDemo(...args: readonly string[]): Run {
  const env = { ...process.env, TMPDIR: temporary, LOG_LEVEL: 'no-level', HTTP_PROXY: 'http://127.0.0.1:9' }
  const child = spawn(process.execPath, [join(import.meta.dirname, 'demo.ts'), ...args], {
    cwd: temporary,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out = text(child.stdout)
  const err = text(child.stderr)
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const run: Run = {
    child,
    soFar: () => printed,
    printed: async (words) => {
      while (!printed.includes(words)) {
        if (child.exitCode !== null) throw new Error(`The demo ended without: ${words}\n${printed}`)
        await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
      }
    },
    ended: once(child, 'exit').then(async ([code]) => ({
      code: code as number | null,
      out: await out,
      err: await err,
    })),
  }
  runs.push(run)
  return run
}

async function leftProcesses(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'args='])
  return stdout.split('\n').filter((line) => line.includes(temporary))
}

async function expectNothingLeft(): Promise<void> {
  await expect.poll(leftProcesses, { timeout: 30_000 }).toEqual([])
  await expect.poll(() => readdir(temporary), { timeout: 30_000 }).toEqual([])
}

describe('the demo', () => {
  it('shows every step and leaves nothing, from any folder and shell: it is what people run first', async () => {
    const { code, out, err } = await startDemo('--once').ended
    expect(out).not.toContain('✗')
    for (const { title, steps } of SCENARIO) {
      expect(out).toContain(`\n${title}\n`)
      for (const { shows } of steps) expect(out).toContain(`✓ ${shows}`)
    }
    expect(code, err).toBe(0)
    await expectNothingLeft()
  })

  it('leaves nothing when it is ended in the middle, and does not claim success', async () => {
    const demo = startDemo()
    await demo.printed(SCENARIO[0]?.title ?? '')
    demo.child.kill('SIGTERM')
    expect((await demo.ended).code).toBe(1)
    await expectNothingLeft()
  })

  it('starts the operator again when somebody kills it to see what happens, and ends well', async () => {
    const demo = startDemo()
    await demo.printed('Everything keeps running until Ctrl-C')
    await sleep(3_000)
    // What the demo tells people to kill by name.
    const name = /pkill -KILL -f (\S+)/u.exec(demo.soFar())?.[1] ?? ''
    expect(name).toContain(temporary)
    const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'pid=,args='])
    const [operator, ...others] = stdout.split('\n').filter((line) => line.includes(name))
    expect(others).toEqual([])
    process.kill(Number.parseInt(operator ?? '', 10), 'SIGKILL')
    await demo.printed('Starting it again')
    demo.child.kill('SIGINT')
    expect((await demo.ended).code).toBe(0)
    await expectNothingLeft()
  })

  it('says in one line what is wrong with an argument', async () => {
    const { code, out, err } = await startDemo('--twice').ended
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err.trim().split('\n')).toHaveLength(1)
  })
})
