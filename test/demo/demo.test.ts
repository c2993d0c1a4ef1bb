import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { ACTS } from './acts.ts'

async function demo(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['test/demo/demo.ts', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [[code], out, err] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)])
  return { code: code as number | null, out, err }
}

const folders = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('twilio-sink-operator-demo-'))

describe('the demo', () => {
  it('shows every act, ends with 0 and leaves nothing behind: it is the first thing that people run', async () => {
    const before = await folders()
    const { code, out } = await demo('--once')
    expect(out.match(/✓/gu)?.length, out).toBe(ACTS.length)
    expect(out).not.toContain('✗')
    for (const { title } of ACTS) expect(out).toContain(title)
    expect(code).toBe(0)
    expect((await folders()).filter((name) => !before.includes(name))).toEqual([])
  })

  it('says in one line what is wrong with an option', async () => {
    const { code, err } = await demo('--twice')
    expect(code).toBe(2)
    expect(err.trim().split('\n')).toHaveLength(1)
  })
})
