import { hostname } from 'node:os'
import { createLogger } from '../observability/logger.ts'
import { runOperator } from '../operator/operator.ts'
import { OPERATOR_OPTIONS, type Options } from '../options/options.ts'
import { VERSION } from '../version.ts'
import { runWith } from './command-options.ts'

/** The operator. Ends the process itself: with 0 after an orderly end, with 1 when it cannot go on. */
export function runOperatorCommand(argv: readonly string[]): Promise<number> {
  return runWith(OPERATOR_OPTIONS, { argv, environment: process.env }, operate)
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
    podName: process.env['POD_NAME'] || hostname(),
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
