import { spawn, type ChildProcess } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'

/** A program of the demo, its output in a file. */
export interface Program {
  readonly name: string
  readonly logFile: string
  readonly pid: number
  ended(): boolean
  stop(signal?: NodeJS.Signals): Promise<void>
}

export function startProgram(
  name: string,
  argv: readonly string[],
  logFile: string,
): Program & { child: ChildProcess } {
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
  const log = createWriteStream(logFile, { flags: 'a' })
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    name,
    logFile,
    pid: child.pid ?? 0,
    child,
    ended,
    stop: async (signal = 'SIGTERM') => {
      if (ended()) return
      const exit = once(child, 'exit')
      child.kill(signal)
      const forced = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await exit
      clearTimeout(forced)
      log.end()
    },
  }
}

/** The simulator says where it listens in its first line. */
export async function startSimulatorProgram(logFile: string): Promise<Program & { url: string }> {
  const program = startProgram('simulator', ['test/simulator/main.ts', '--port', '0'], logFile)
  const url = await new Promise<string>((resolve, reject) => {
    let text = ''
    program.child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const found = /listening on (\S+)/u.exec(text)?.[1]
      if (found !== undefined) resolve(found)
    })
    program.child.once('exit', (code) => {
      reject(new Error(`The simulator ended with ${code}: see ${logFile}`))
    })
  })
  return { ...program, url }
}

/** Bounded: a demo must not hang. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  within = 20_000,
): Promise<T> {
  const end = performance.now() + within
  let last = 'nothing'
  while (performance.now() < end) {
    try {
      const seen = await look()
      if (seen !== undefined && seen !== false) return seen
    } catch (error) {
      last = error instanceof Error ? error.message : String(error)
    }
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
  throw new Error(`${what} was not seen within ${within / 1000} s (last: ${last})`)
}
