export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

/** One call to the API server. JSON in, JSON out: no generated type stands between, which would drop fields. */
export interface Call {
  readonly method: Method
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** `application/json` unless said otherwise. */
  readonly contentType?: string
  /** For the whole of one attempt, in milliseconds. */
  readonly timeoutMs?: number
  /** Attempts at most. */
  readonly attempts?: number
  readonly signal?: AbortSignal
}
