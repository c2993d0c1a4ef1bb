import { hostname } from 'node:os'
import { readOptions } from './options.ts'
import { createLogger } from './logger.ts'
import { runOperator } from './operator.ts'
import { VERSION } from './version.ts'
import { baseUrlProblem } from './twilio/base-url.ts'

/** Exit codes: 0 after an orderly end, 1 when the operator cannot go on, 2 for a wrong option. */
const read = readOptions(process.argv.slice(2), process.env, baseUrlProblem)
if (read.ok === 'help') {
  process.stdout.write(`${read.text}\n`)
} else if (!read.ok) {
  process.stderr.write(`twilio-sink-operator: ${read.problem}\n`)
  process.exitCode = 2
} else {
  const { options } = read
  const log = createLogger({ level: options.logLevel })
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'Stopping')
      stop.abort()
    })
  }
  try {
    await runOperator(
      {
        options,
        log,
        version: VERSION,
        podName: process.env['POD_NAME'] ?? hostname(),
        environment: process.env,
      },
      stop.signal,
    )
    process.exit(0)
  } catch (error) {
    log.fatal({ err: error }, 'The operator cannot go on')
    process.exit(1)
  }
}
