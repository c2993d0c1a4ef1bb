import pino, { type DestinationStream, type Logger as PinoLogger } from 'pino'

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
  'destination',
  'write_key',
  'writeKey',
  'external_id',
  'externalId',
  'authToken',
  'apiKeySecret',
]

/**
 * JSON lines: level as a word, ISO time, static message, fields.
 *
 * Redaction is the second line of defence and looks no deeper than one level: whoever logs MUST NOT hand over an
 * object that holds secrets. Errors belong under `err`; of them only known fields are written, since their own
 * properties may hold anything.
 */
export function createLogger({ level, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: {},
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRET.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
    serializers: { err: describeError, error: describeError, cause: describeError },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** Anything may be thrown: what is not an Error is not written, unless it is a text. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : 'not an Error'
  const { name, message, stack } = error
  const { code, kind, status }: Record<string, unknown> = { ...error }
  return { name, message, code: word(code), kind: word(kind), status: word(status), stack }
}

function word(value: unknown): string | number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? value : undefined
}
