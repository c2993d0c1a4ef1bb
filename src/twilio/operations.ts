/** What Twilio's OpenAPI file calls its operations; also the `operation` label of the metrics. */
export type OperationName =
  | 'CreateSink'
  | 'ListSink'
  | 'FetchSink'
  | 'UpdateSink'
  | 'DeleteSink'
  | 'CreateSinkTest'
  | 'CreateSinkValidate'
  | 'ListSubscription'

export interface Operation {
  readonly name: OperationName
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Whether it changes something: then it needs leave, and a connection of its own. */
  readonly mutates: boolean
  /** Whether it may be sent again after a failure that proves nothing. */
  readonly repeatable: boolean
  /** Any other status is a failure: a proxy's 200 must not pass for Twilio's 204. */
  readonly success: readonly number[]
  /** More bytes than this are not read. */
  readonly maxBytes: number
}

const ONE = 256 * 1024
const MANY = 4 * 1024 * 1024

const read = { method: 'GET', mutates: false, repeatable: true, success: [200] } as const
const post = { method: 'POST', mutates: true, repeatable: false, maxBytes: ONE } as const

/** The operations in use. Source of the statuses: Twilio's OpenAPI file, which declares 200 beside 201. */
export const OPERATIONS: { readonly [Name in OperationName]: Operation & { readonly name: Name } } = {
  CreateSink: { ...post, name: 'CreateSink', success: [200, 201] },
  ListSink: { ...read, name: 'ListSink', maxBytes: MANY },
  FetchSink: { ...read, name: 'FetchSink', maxBytes: ONE },
  UpdateSink: { ...post, name: 'UpdateSink', success: [200] },
  DeleteSink: {
    name: 'DeleteSink',
    method: 'DELETE',
    mutates: true,
    repeatable: true,
    success: [204],
    maxBytes: ONE,
  },
  CreateSinkTest: { ...post, name: 'CreateSinkTest', success: [200, 201] },
  CreateSinkValidate: { ...post, name: 'CreateSinkValidate', success: [200, 201] },
  ListSubscription: { ...read, name: 'ListSubscription', maxBytes: MANY },
}
