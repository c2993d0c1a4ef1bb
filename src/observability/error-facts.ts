/**
 * Errors of our own, by name: their messages are made for people and quote nothing from outside. A test keeps the list
 * equal to the classes in `src`.
 */
export const OWN_ERRORS: readonly string[] = [
  'AddressUnavailable',
  'AnswerTooLong',
  'CommandError',
  'ConnectionTrouble',
  'KubernetesFailure',
  'LeadershipLost',
  'NoAnswerInTime',
  'ProxyFailure',
  'TwilioFailure',
  'UnusableKubeconfig',
  'UnusableProxy',
  'UsageError',
]

/** What may be logged of an error. */
export interface ErrorFacts {
  readonly name: string
  /** Only of our own. */
  readonly message?: string
  readonly code?: string | number | undefined
  readonly kind?: string | number | undefined
  readonly status?: string | number | undefined
  /** Of others, the innermost places of the program that it went through. */
  readonly where?: readonly string[]
}

/**
 * The message of an error that is not ours may hold anything: the text that could not be parsed, a pattern, a file. So
 * may its stack, which begins with the message. Of such an error only its name, its code and places are told.
 */
export function errorFacts(error: unknown): ErrorFacts {
  if (!(error instanceof Error)) return { name: 'not an Error' }
  const { code, kind, status }: Record<string, unknown> = { ...error }
  const words = { code: word(code), kind: word(kind), status: word(status) }
  if (OWN_ERRORS.includes(error.name)) return { name: error.name, message: error.message, ...words }
  return { name: nameOf(error), ...words, where: placesOf(error) }
}

/** One line for the person who started the process. */
export function unexpectedErrorLine(error: unknown): string {
  const { name, code, where = [] } = errorFacts(error)
  const what = code === undefined ? name : `${name} ${code}`
  return `an unexpected error (${what}, at ${where[0] ?? 'an unknown place'}): please report this`
}

const WORD = /^[\w-]{1,64}$/u

/** A name or a code, and no text. */
function word(value: unknown): string | number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && WORD.test(value) ? value : undefined
}

const nameOf = ({ name }: Error): string => (WORD.test(name) ? name : 'Error')

const MOST_PLACES = 5
/** File, line and column at the end of a line of a stack. */
const PLACE = /(?:src|dist|node_modules)\/[\w./@-]{1,200}:\d{1,6}:\d{1,6}(?=\)?$)/u

/** Where the stack does not begin with the message, it cannot be told from it. */
function placesOf({ name, message, stack = '' }: Error): string[] {
  const head = [`${name}: ${message}`, `Error: ${message}`, name].find((text) =>
    stack.startsWith(`${text}\n`),
  )
  if (head === undefined) return []
  const lines = stack.slice(head.length + 1).split('\n', 2 * MOST_PLACES)
  return lines.flatMap((line) => PLACE.exec(line.slice(-300))?.[0] ?? []).slice(0, MOST_PLACES)
}
