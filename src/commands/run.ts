import { hostname } from 'node:os'
import { createLogger } from '../observability/logger.ts'
import { runOperator } from '../operator/operator.ts'
import { readOptions, type Options } from '../options/options.ts'
import { baseUrlProblem } from '../twilio/http/base-url.ts'
import { VERSION } from '../version.ts'

/** The operator. Ends the process itself: with 0 after an orderly end, with 1 when it cannot go on. */
export async function runOperatorCommand(argv: readonly string[]): Promise<number> {
  const read = readOptions(argv, process.env, baseUrlProblem)
  if (read.ok === 'help') {
    process.stdout.write(`${read.text}\n`)
    return 0
  }
  if (read.ok) return operate(read.options)
  process.stderr.write(`twilio-sink-operator: ${read.problem}\n`)
  return 2
}

async function operate(options: Options): Promise<never> {
  const log = createLogger({ level: options.logLevel })
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'Stopping')
      stop.abort()
    })
  }
  const program = {
    version: VERSION,
    podName: process.env['POD_NAME'] ?? hostname(),
    environment: process.env,
  }
  try {
    await runOperator({ options, log, ...program }, stop.signal)
    process.exit(0)
  } catch (error) {
    log.fatal({ err: error }, 'The operator cannot go on')
    process.exit(1)
  }
}
