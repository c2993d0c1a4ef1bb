import pino, { type DestinationStream, type Logger as PinoLogger } from 'pino'

export type Logger = PinoLogger

/** Redaction is the second line: nothing that holds a secret is logged in the first place. */
const SECRET = [
  'password',
  'token',
  'secret',
  'authorization',
  'configuration',
  'destination',
  'write_key',
  'external_id',
]

/** JSON lines on standard output. Errors are serialised by an allow-list, since their own properties may hold anything. */
export function createLogger({
  level,
  destination,
}: {
  readonly level: string
  readonly destination?: DestinationStream
}): Logger {
  const options = {
    level,
    base: {},
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRET.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
    serializers: { err: describeError },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : 'not an Error'
  const { name, message, stack } = error
  const { code, kind, status }: Record<string, unknown> = { ...error }
  return { name, message, code, kind, status, stack }
}
