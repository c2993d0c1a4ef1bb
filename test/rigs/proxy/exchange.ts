/** The two worlds that the operator talks to. */
export type Side = 'kubernetes' | 'twilio'

/** One request of the operator, or one line of a watch, in the order in which the proxy saw them. Holds no header. */
export interface Exchange {
  /** Rises by one with each request or line, on both sides together. */
  readonly sequence: number
  /** Milliseconds on the clock of `performance.now()`. */
  readonly at: number
  readonly side: Side
  /** The same in every run, see `request-name.ts`. */
  readonly name: string
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** Of the request; for a line of a watch the line. */
  readonly body: string
  /** Whether the request went on to the server. */
  forwarded: boolean
  /** What the server answered; undefined while, or because, it did not. */
  upstreamStatus: number | undefined
  /** What the operator was answered. */
  status: number | undefined
  /** The operator has its answer, or waits for none any more. */
  over: boolean
  /** Kind of the action that struck it. */
  struckBy: string | undefined
}

export interface ExchangeLog {
  open(fields: Pick<Exchange, 'side' | 'name' | 'method' | 'path' | 'body'>): Exchange
  /** The newest, oldest first. */
  all(): readonly Exchange[]
  /** `listener` is told of each at once, and MUST NOT throw. Returns how to end it. */
  onOpen(listener: (exchange: Exchange) => void): () => void
}

/** So many are kept at least. */
const KEPT = 10_000

export function createExchangeLog(): ExchangeLog {
  let exchanges: Exchange[] = []
  let sequence = 0
  const listeners = new Set<(exchange: Exchange) => void>()
  return {
    open: (fields) => {
      const exchange: Exchange = {
        sequence: ++sequence,
        at: performance.now(),
        ...fields,
        forwarded: false,
        upstreamStatus: undefined,
        status: undefined,
        over: false,
        struckBy: undefined,
      }
      exchanges.push(exchange)
      if (exchanges.length > 2 * KEPT) exchanges = exchanges.slice(-KEPT)
      for (const listener of listeners) listener(exchange)
      return exchange
    },
    all: () => exchanges,
    onOpen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
