import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { BUNDLE } from '../../rigs/control-plane/bundle.ts'
import { adoptInto } from '../../rigs/control-plane/run-folder.ts'

/** Times that make a life of minutes one of seconds. */
export const SCALED_TIMES = {
  'poll-interval': '1s',
  'settling-poll-interval': '500ms',
  'call-timeout': '300ms',
  'settle-time': '1s',
  'lease-duration': '1500ms',
  'renew-deadline': '1s',
  'retry-period': '200ms',
} as const

/** An operator in a process of its own, one at a time: when it ends unasked it is started again, as a kubelet does. */
export interface OperatorControl {
  /** Starts a process unless one runs; does not wait until it is ready. */
  start(): void
  isRunning(): boolean
  /** SIGKILL, at once. */
  kill(): void
  /** SIGSTOP, and SIGCONT. */
  pause(): void
  resume(): void
  /** SIGTERM, and SIGKILL when it takes too long; resolves when the process has ended. */
  stop(): Promise<void>
  /** Resolves when no process runs. */
  ended(): Promise<void>
  /** How many processes ended although nobody had asked them to. */
  losses(): number
}

export interface OperatorOptions {
  readonly flags: Readonly<Record<string, string>>
  /** Of all its processes, one after the other. */
  readonly logPath: string
  /** Of the control plane, with which every process ends; the flags must name it. */
  readonly runFolder: string
}

const COMPILED = fileURLToPath(new URL('../../../node_modules/.cache/operator', import.meta.url))
const GRACE_MS = 8_000
const RESTART_MS = 200

interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<void>
  wanted: boolean
}

export function operatorControl({ flags, logPath, runFolder }: OperatorOptions): OperatorControl {
  const argv = Object.entries({ ...SCALED_TIMES, ...flags }).map(([name, value]) => `--${name}=${value}`)
  const env = { PATH: process.env['PATH'], NODE_COMPILE_CACHE: COMPILED }
  let running: Running | undefined
  let losses = 0

  const start = (): void => {
    if (running !== undefined) return
    const log = openSync(logPath, 'a')
    const child = spawn(process.execPath, [BUNDLE, ...argv], { env, stdio: ['ignore', log, log] })
    closeSync(log)
    if (child.pid !== undefined) adoptInto(runFolder, child.pid)
    const { promise, resolve } = Promise.withResolvers<void>()
    const mine: Running = { child, ended: promise, wanted: false }
    running = mine
    const end = (): void => {
      if (running !== mine) return
      running = undefined
      resolve()
      if (mine.wanted) return
      losses += 1
      setTimeout(start, RESTART_MS)
    }
    child.once('exit', end)
    child.once('error', end)
  }

  const signal = (name: NodeJS.Signals): void => {
    if (running === undefined) return
    running.wanted = true
    running.child.kill(name)
  }
  const ended = (): Promise<void> => running?.ended ?? Promise.resolve()

  return {
    start,
    isRunning: () => running !== undefined,
    kill: () => signal('SIGKILL'),
    pause: () => running?.child.kill('SIGSTOP'),
    resume: () => running?.child.kill('SIGCONT'),
    stop: async () => {
      signal('SIGTERM')
      const late = setTimeout(() => signal('SIGKILL'), GRACE_MS)
      await ended()
      clearTimeout(late)
    },
    ended,
    losses: () => losses,
  }
}
