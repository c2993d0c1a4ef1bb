export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

/** One call to the API server. JSON in, JSON out: no generated type stands between, which would drop fields. */
export interface ApiCall {
  readonly method: Method
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** `application/json` unless said otherwise. */
  readonly contentType?: string
  /** For the whole of one try, in milliseconds. */
  readonly timeoutMs?: number
  /** Tries at most. */
  readonly tries?: number
  readonly signal?: AbortSignal
}
