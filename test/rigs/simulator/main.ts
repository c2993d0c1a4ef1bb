import { USAGE, readCommandLine, type CommandLine } from './command-line.ts'
import { startSimulator } from './simulator.ts'

async function main(args: string[]): Promise<void> {
  const commandLine = commandLineOr2(args)
  if (commandLine === 'help') return console.log(USAGE)
  const { log, ...options } = commandLine
  const simulator = await startSimulator({
    ...options,
    log: log ? (entry) => console.log(JSON.stringify(entry)) : undefined,
  })
  console.log(`Twilio Event Streams simulator listening on ${simulator.url}`)
  const stop = (): void => void simulator.stop().then(() => process.exit(0))
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

function commandLineOr2(args: string[]): CommandLine | 'help' {
  try {
    return readCommandLine(args)
  } catch (error) {
    return fail(error, 2)
  }
}

function fail(error: unknown, exitCode: number): never {
  const [line] = String(error instanceof Error ? error.message : error).split('\n')
  console.error(`simulator: ${line}`)
  process.exit(exitCode)
}

main(process.argv.slice(2)).catch((error: unknown) => fail(error, 1))
