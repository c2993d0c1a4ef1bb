import type { ControlPlane } from '../rigs/control-plane/control-plane.ts'
import { endOfLog, startProgram, type RunningProgram } from './program.ts'

/** Minutes of real life in seconds; the proportions are about those of the defaults. */
export const TIMES = {
  'poll-interval': '2s',
  'settling-poll-interval': '1s',
  'call-timeout': '2s',
  'settle-time': '4s',
} as const

/** One that ends so soon after its start would do so again. */
const SOON_MS = 2_000

/** The operator as people run it. Only started, killed and ended; what it does is seen from outside. */
export interface Operator {
  /** Of the present process; 0 when there is none. */
  pid(): number
  /** The last lines of its log, for a person to read. */
  endOfLog(): string
  start(): void
  /** From now on it is started again, and `tell` hears of it, when it ends by itself. */
  supervise(tell: (line: string) => void): void
  /** SIGKILL. */
  kill(): Promise<void>
  stop(): Promise<void>
}

export interface OperatorEnvironment {
  readonly controlPlane: ControlPlane
  readonly twilioUrl: string
  /** Port on loopback where it serves metrics. */
  readonly metricsPort: number
  readonly onLoss: (message: string) => void
}

export function demoOperator(environment: OperatorEnvironment): Operator {
  const { controlPlane, onLoss } = environment
  let running: RunningProgram | undefined
  let startedAt = 0
  let supervisor: ((line: string) => void) | undefined
  const start = (): void => {
    const argv = ['src/main.ts', ...flags(environment)]
    startedAt = performance.now()
    running = startProgram({ name: 'operator', argv, folder: controlPlane.folder, onLoss: lost })
  }
  const lost = (message: string): void => {
    if (supervisor === undefined || performance.now() - startedAt < SOON_MS) return onLoss(message)
    supervisor('The operator has ended. Starting it again, as a Deployment would')
    start()
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const program = running
    running = undefined
    await program?.stop(signal)
  }
  return {
    pid: () => running?.pid ?? 0,
    endOfLog: () => (running === undefined ? 'The operator does not run' : endOfLog(running.logPath)),
    start,
    supervise: (tell) => {
      supervisor = tell
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  }
}

function flags({ controlPlane, twilioUrl, metricsPort }: OperatorEnvironment): string[] {
  const values = {
    kubeconfig: controlPlane.kubeconfigPath,
    'twilio-base-url': twilioUrl,
    'metrics-address': `127.0.0.1:${metricsPort}`,
    'health-address': '0',
    // One alone, so that the one that is started again need not wait for the lease of the one that was killed.
    'leader-elect': 'false',
    ...TIMES,
  }
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`)
}
