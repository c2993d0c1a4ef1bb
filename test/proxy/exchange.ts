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
  /** Kind of the action that struck it. */
  struckBy: string | undefined
}

export interface ExchangeLog {
  open(fields: Pick<Exchange, 'side' | 'name' | 'method' | 'path' | 'body'>): Exchange
  all(): readonly Exchange[]
}

export function createExchangeLog(): ExchangeLog {
  const exchanges: Exchange[] = []
  return {
    open: (fields) => {
      const exchange: Exchange = {
        sequence: exchanges.length + 1,
        at: performance.now(),
        ...fields,
        forwarded: false,
        upstreamStatus: undefined,
        status: undefined,
        struckBy: undefined,
      }
      exchanges.push(exchange)
      return exchange
    },
    all: () => exchanges,
  }
}
