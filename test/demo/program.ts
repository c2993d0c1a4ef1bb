import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { adoptInto } from '../rigs/control-plane/run-folder.ts'

/** A program of the demo in a process of its own. */
export interface RunningProgram {
  readonly pid: number
  readonly logPath: string
  /** Ends it and waits for that: SIGKILL follows when a gentler signal has not done it within 5 s. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

export interface RunningProgramOptions {
  /** Also of its log file. */
  readonly name: string
  /** File for Node and its arguments. */
  readonly argv: readonly string[]
  /** Where the log goes, and with whose end the process ends, however the demo itself ends. */
  readonly folder: string
  /** Told when it ends without having been stopped. */
  readonly onLoss: (message: string) => void
}

const GRACE_MS = 5_000

export function startProgram({ name, argv, folder, onLoss }: RunningProgramOptions): RunningProgram {
  const logPath = join(folder, `${name}.log`)
  const log = openSync(logPath, 'a')
  // A process group of its own: Ctrl-C in a terminal must reach the demo only, which ends things in order.
  const child = spawn(process.execPath, argv, {
    argv0: join(folder, name),
    env: plainEnvironment(),
    stdio: ['ignore', log, log],
    detached: true,
  })
  closeSync(log)
  if (child.pid !== undefined) adoptInto(folder, child.pid)
  let wanted = false
  const lost = (how: string): void => {
    if (!wanted) onLoss(`The ${name} ended ${how}; ${endOfLog(logPath)}`)
  }
  child.on('error', (error) => lost(`before it began: ${error.message}`))
  child.on('exit', (code, signal) => lost(signal === null ? `with exit code ${code}` : `by ${signal}`))
  return {
    pid: child.pid ?? 0,
    logPath,
    stop: async (signal = 'SIGTERM') => {
      wanted = true
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.kill(signal)
      await Promise.race([exit, sleep(GRACE_MS, undefined, { ref: false })])
      child.kill('SIGKILL')
      await exit
    },
  }
}

/** The operator reads options from variables, so those of the user's shell stay away. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR']
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => kept.includes(name)))
}

export function endOfLog(logPath: string): string {
  const lines = readFileSync(logPath, 'utf8').trimEnd().split('\n').slice(-6)
  return [`the end of its log (${logPath}):`, ...lines].join('\n')
}
