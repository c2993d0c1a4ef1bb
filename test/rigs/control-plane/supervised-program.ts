import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunFolder } from './run-folder.ts'

const READY_WITHIN_MS = 60_000
const ASK_EVERY_MS = 50
const PORT_CLASH = /address already in use/

/** One program of the control plane, which can be stopped and started as often as a test likes. */
export type SupervisedProgram = {
  /** Resolves when the program is ready; does nothing while it runs. Throws with the end of its log otherwise. */
  start(): Promise<void>
  /** SIGTERM, and SIGKILL when it has not ended in time; does nothing when it does not run. */
  stop(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
  /** Of the running process, else undefined. */
  pid(): number | undefined
}

export type ProgramOptions = {
  path: string
  /** Asked at each start, so that ports and folders may change between two. */
  args: () => string[]
  logPath: string
  isReady: () => Promise<boolean>
  /** Each process is noted here and calls itself by a name in this folder, so that a later run can find it. */
  run: RunFolder
  /** How long an orderly end may take; default 5,000. */
  graceMs?: number
}

/** The program found its port taken: the one failure that another try with other ports fixes. */
export class PortClashError extends Error {}

export function supervisedProgram(options: ProgramOptions): SupervisedProgram {
  let child: ChildProcess | undefined
  const running = (): ChildProcess | undefined =>
    child !== undefined && !hasEnded(child) ? child : undefined

  const end = async (signal: NodeJS.Signals, graceMs: number): Promise<void> => {
    const victim = running()
    if (victim === undefined) return
    const ended = new Promise<true>((resolve) => victim.once('exit', () => resolve(true)))
    victim.kill(signal)
    if (await Promise.race([ended, sleep(graceMs, false, { ref: false })])) return
    victim.kill('SIGKILL')
    await ended
  }

  return {
    pid: () => running()?.pid,
    stop: () => end('SIGTERM', options.graceMs ?? 5_000),
    kill: () => end('SIGKILL', 5_000),
    start: async () => {
      if (running() !== undefined) return
      child = launch(options)
      await becomesReady(child, options)
    },
  }
}

function launch({ path, args, logPath, run }: ProgramOptions): ChildProcess {
  const log = openSync(logPath, 'a')
  try {
    // A process group of its own: Ctrl-C in a terminal must reach the owner only, which ends things in order.
    const argv0 = join(run.path, basename(path))
    const child = spawn(path, args(), { argv0, stdio: ['ignore', log, log], detached: true })
    // Also keeps a failed spawn, which `exit` does not report, from ending the process.
    child.on('error', () => undefined)
    if (child.pid !== undefined) run.adopt(child.pid)
    return child
  } finally {
    closeSync(log)
  }
}

async function becomesReady(child: ChildProcess, { path, logPath, isReady }: ProgramOptions): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS
  while (performance.now() < deadline) {
    if (child.pid === undefined || hasEnded(child)) {
      const log = endOfLog(logPath)
      const message = `${path} ended before it was ready (${child.exitCode ?? child.signalCode}). ${log}`
      throw PORT_CLASH.test(log) ? new PortClashError(message) : new Error(message)
    }
    if (await isReady()) return
    await sleep(ASK_EVERY_MS)
  }
  child.kill('SIGKILL')
  throw new Error(`${path} was not ready within ${READY_WITHIN_MS / 1000} s. ${endOfLog(logPath)}`)
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

function endOfLog(logPath: string): string {
  const lines = readFileSync(logPath, 'utf8').trimEnd().split('\n').slice(-15)
  return [`The end of ${logPath}:`, ...lines].join('\n')
}
