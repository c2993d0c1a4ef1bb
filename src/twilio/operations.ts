import type { Moment } from '../time/clock.ts'

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

/** One call at Twilio: what is sent, and how its answer is read. */
export interface TwilioCall<T> {
  readonly operation: Operation
  /** Path and query below the base URL's prefix; or, of a next page, the whole path as Twilio gave it. */
  readonly path: string
  /** `application/x-www-form-urlencoded`; undefined for no body. */
  readonly form?: string | undefined
  /** What else than the credential must not come back in a message. */
  readonly secrets?: () => readonly string[]
  /** Once either clock is past it, it must not be sent any more. */
  readonly notAfter?: Moment | undefined
  /** A read that is not given up when the process is asked to end. */
  readonly lasting?: boolean
  /** Reads the body of a successful answer; undefined is a body that was not received whole. */
  readonly read: (body: string | undefined) => Reading<T>
}

export type Reading<T> =
  | { readonly readable: true; readonly value: T }
  /** `problem` names places in the answer, never values. */
  | { readonly readable: false; readonly problem: string }
