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
  /** More of an answer is not read: the call fails with `AnswerTooLong` as its cause. */
  readonly maxBytes?: number
  /** Tries at most. */
  readonly tries?: number
  readonly signal?: AbortSignal
}

/** A kind as the API server serves it. The core group is ''. */
export interface Resource {
  readonly group: string
  readonly version: string
  readonly plural: string
}

/** `part` items follow the collection: a name, then a subresource. `namespace` '' means all, or a cluster-wide kind. */
export function resourcePath(resource: Resource, namespace: string, ...parts: readonly string[]): string {
  const { group, version, plural } = resource
  const root = group === '' ? ['api', version] : ['apis', group, version]
  const scope = namespace === '' ? [] : ['namespaces', namespace]
  return [...root, ...scope, plural, ...parts].map((part) => `/${encodeURIComponent(part)}`).join('')
}

/** Splits `namespace/name`. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/')
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/**
 * Query of writes to events, and of the default account: under this name `metadata.managedFields` records what the operator
 * wrote. Sinks and TwilioAccounts are written under the name of `fieldManagerOf`.
 */
export const FIELD_MANAGER = { fieldManager: 'twilio-sink-operator' }
