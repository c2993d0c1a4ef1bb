import pino, { type DestinationStream, type LogFn, type Logger as PinoLogger } from 'pino'
import { SECRET_NAMES } from '../api/sink-configuration.ts'
import { errorFacts } from './error-facts.ts'

export type Logger = PinoLogger

export interface LoggerOptions {
  /** Lines below it are not written. */
  readonly level: string
  /** Standard output unless said. */
  readonly destination?: DestinationStream
}

/** Fields of this name are not written, neither at the top of a line nor one level below. */
const SECRET = [
  'password',
  'token',
  'secret',
  'authorization',
  'configuration',
  ...SECRET_NAMES,
  'authToken',
  'apiKeySecret',
]

/**
 * JSON lines: level as a word, ISO time, static message, fields.
 *
 * Redaction is the second line of defence and looks no deeper than one level: callers MUST NOT log an object that holds
 * secrets. Errors belong under `err`; of them only what {@link errorFacts} tells is written.
 */
export function createLogger({ level, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: {},
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRET.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
    serializers: { err: errorFacts, error: errorFacts, cause: errorFacts },
    hooks: { logMethod: withMessage },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** Where there is no message, pino takes that of the error. */
function withMessage(this: PinoLogger, [first, ...rest]: Parameters<LogFn>, write: LogFn): void {
  if (typeof first === 'object' && rest.length === 0) write.call(this, first, 'No message')
  else write.call(this, first, ...rest)
}
