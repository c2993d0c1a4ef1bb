import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, rename, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The clock of the hour: that of the room, and what the operators' clocks have been turned on beyond it. */
export interface TurnableClock {
  /** Seconds since the hour began. */
  seconds(): number
  /** Turns all operators that run, little by little: none may miss a renewal of its Lease. */
  turn(seconds: number): Promise<void>
  /** Milliseconds of the room for which no operator has asked anybody anything. */
  idleFor(): Promise<number>
  /** Node's flags that make a process keep this time. */
  readonly flags: readonly string[]
  end(): void
}

/** Seconds; a Lease is renewed as often. */
const STEP = 2

export async function createClock(): Promise<TurnableClock> {
  const folder = mkdtempSync(join(tmpdir(), 'clock-'))
  const agent = new Agent({ keepAlive: true })
  const began = performance.now()
  let turned = 0
  const note = async (): Promise<void> => {
    const draft = join(folder, 'draft')
    await writeFile(draft, String(turned))
    await rename(draft, join(folder, 'turned'))
  }
  await note()

  const ask = (socketPath: string, path: string): Promise<number> =>
    new Promise((resolve) => {
      // One that has ended, or has not begun, keeps no time.
      const over = (): void => resolve(Infinity)
      const sent = request({ socketPath, path, agent, method: 'POST' }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => (text += part))
        response.on('error', over).on('end', () => resolve(idleIn(text)))
      })
      sent.on('error', over).end()
    })

  const askAll = async (path: string): Promise<number[]> => {
    const sockets = (await readdir(folder)).filter((name) => name.endsWith('.sock'))
    return Promise.all(sockets.map((name) => ask(join(folder, name), path)))
  }

  const preload = pathToFileURL(join(import.meta.dirname, 'turned-clock.ts'))
  preload.searchParams.set('folder', folder)
  return {
    seconds: () => (performance.now() - began + turned) / 1000,
    turn: async (seconds) => {
      for (let left = seconds; left > 0; left -= STEP) {
        const ms = Math.min(STEP, left) * 1000
        turned += ms
        await note()
        await askAll(`/turn?ms=${ms}`)
        // For those that wait for the leader to renew.
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    idleFor: async () => Math.min(Infinity, ...(await askAll('/'))),
    flags: ['--import', preload.href],
    end: () => {
      agent.destroy()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function idleIn(text: string): number {
  const answer: unknown = JSON.parse(text)
  const known = typeof answer === 'object' && answer !== null && 'idleFor' in answer
  return known ? Number(answer.idleFor) : Infinity
}
