import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { processorTicksOf } from '../../rigs/control-plane/process-table.ts'
import { ROOT } from '../install/site.ts'

/** What a person has typed. */
export interface ShellCommand {
  /** Rejects when it ends with another code than 0. */
  readonly ended: Promise<void>
  printed(): string
  /** For how long neither the shell nor what it has begun had anything to do; milliseconds. */
  idleFor(): number
  /** The shell and what it has begun. */
  kill(): void
}

export function begin(commands: string, env: NodeJS.ProcessEnv): ShellCommand {
  const child = spawn('bash', ['-euo', 'pipefail', '-c', commands], {
    cwd: ROOT,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed: string[] = []
  const complaints: string[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => printed.push(text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text))
  const ended = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`${commands}\nended with ${String(code)}: ${complaints.join('')}`)
  })
  ended.catch(() => undefined)
  let last = { seen: '', at: performance.now() }
  return {
    ended,
    printed: () => printed.join(''),
    idleFor: () => {
      const now = performance.now()
      const seen = processorTicksOf(child.pid ?? 0)
      if (seen !== last.seen) last = { seen, at: now }
      return now - last.at
    },
    kill: () => {
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid)
    },
  }
}
