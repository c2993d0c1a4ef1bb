import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { BUNDLE } from '../../rigs/control-plane/bundle.ts'
import { freePort } from '../../rigs/control-plane/free-port.ts'

/**
 * Times that make a life of minutes one of seconds, in about the proportions of the defaults. A machine with much else to do
 * answers late, and lets a process stand still for a second or two: neither is an outage of three polls.
 */
export const SCALED = {
  'poll-interval': '2s',
  'settling-poll-interval': '500ms',
  'call-timeout': '1s',
  'settle-time': '2s',
} as const

export interface OperatorProcess {
  readonly pid: number
  /** All lines so far, standard output and error. */
  log(): string
  /** Where `/metrics` is served. */
  readonly metricsUrl: string
  readonly healthUrl: string
  /** SIGKILL, and the end awaited. */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
  /** Resolves with the exit code when it has ended by itself or been ended; null after a signal. */
  readonly ended: Promise<number | null>
}

export interface OperatorFlags {
  /** Absent: a pod knows. */
  readonly kubeconfig?: string
  readonly 'twilio-base-url': string
  readonly [flag: string]: string
}

export type OperatorChild = ChildProcessByStdio<null, Readable, Readable>
/** Starts a process with these arguments of the operator. */
export type BeginOperator = (argv: readonly string[]) => Promise<OperatorChild>

/** A free port can be taken by somebody else before the operator listens on it. */
const TRIES = 4

/** Starts the operator as people do, as a process of its own, and resolves when it is ready. */
export async function startOperator(
  flags: OperatorFlags,
  readyWithin = 60_000,
  begin: BeginOperator = fromBundle,
): Promise<OperatorProcess> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOnce(flags, readyWithin, begin)
    } catch (error) {
      const clash = error instanceof Error && error.message.includes('is in use by another process')
      if (!clash || tries === TRIES) throw error
    }
  }
}

async function startOnce(
  flags: OperatorFlags,
  readyWithin: number,
  begin: BeginOperator,
): Promise<OperatorProcess> {
  const metrics = flags['metrics-address'] ?? `127.0.0.1:${await freePort()}`
  const health = flags['health-address'] ?? `127.0.0.1:${await freePort()}`
  const all = {
    ...SCALED,
    // A test of something else has one operator, and does not wait for the lease of the one that it killed.
    'leader-elect': 'false',
    'metrics-address': metrics,
    'health-address': health,
    'log-level': 'trace',
    ...flags,
  }
  const argv = Object.entries(all).map(([name, value]) => `--${name}=${value}`)
  const child = await begin(argv)
  const chunks: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => chunks.push(data.toString()))
  keepLog(child)
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const log = () => chunks.join('')
  const healthUrl = `http://${health}`
  await ready(child, `${healthUrl}/readyz`, { log, within: readyWithin })
  return {
    pid: child.pid ?? 0,
    log,
    metricsUrl: `http://${metrics}/metrics`,
    healthUrl,
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      child.kill('SIGTERM')
      const [code] = (await once(child, 'exit')) as [number | null]
      return code
    },
    ended,
  }
}

/** `KEEP_LOGS=<folder>` keeps what each operator wrote, to look into a test that fails now and then. */
function keepLog({ pid, stdout, stderr }: OperatorChild): void {
  const folder = process.env['KEEP_LOGS']
  if (folder === undefined) return
  const file = createWriteStream(join(folder, `operator-${String(pid)}.log`), { mode: 0o600 })
  for (const stream of [stdout, stderr]) stream.pipe(file, { end: false })
}

const fromBundle: BeginOperator = async (argv) =>
  spawn(process.execPath, [BUNDLE, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] })

async function ready(
  child: ChildProcess,
  url: string,
  { log, within }: { readonly log: () => string; readonly within: number },
): Promise<void> {
  const end = Date.now() + within
  while (Date.now() < end) {
    if (child.exitCode !== null) throw new Error(`The operator ended with ${child.exitCode}:\n${log()}`)
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  child.kill('SIGKILL')
  throw new Error(`The operator was not ready within ${within} ms:\n${log()}`)
}
