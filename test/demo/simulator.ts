import { readFileSync } from 'node:fs'
import { startProgram, type RunningProgram } from './program.ts'
import type { Until } from './waiting.ts'

export interface DemoTwilioOptions {
  readonly folder: string
  readonly until: Until
  readonly onLoss: (message: string) => void
}

/** The Twilio twin in a process of its own; `url` is where it listens. */
export async function startSimulatorProgram(
  options: DemoTwilioOptions,
): Promise<RunningProgram & { url: string }> {
  const { folder, until, onLoss } = options
  const argv = ['test/rigs/simulator/main.ts', '--port', '0']
  const program = startProgram({ name: 'simulator', argv, folder, onLoss })
  const url = await until({
    expected: 'a simulator that says where it listens',
    look: async () => /listening on (\S+)/u.exec(readFileSync(program.logPath, 'utf8'))?.[1],
    holds: (found) => found !== undefined,
    tell: () => 'nothing in its log',
  })
  return { ...program, url: url ?? '' }
}
