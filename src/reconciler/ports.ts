import type { SecretUser } from '../api/group.ts'
import type { Readable, Unreadable } from '../api/parse.ts'
import type { ExternalSink } from '../external/external-sink.ts'
import type { Moment } from '../time/clock.ts'

/** A credential as Twilio's HTTP Basic wants it. `username` is an account SID (AC…) or an API key's SID (SK…). */
export interface Credential {
  readonly username: string
  readonly password: string
}

/** What is sent to create a sink. `configuration` is secret as a whole: it MUST NOT reach a log, event, status or error. */
export interface NewSink {
  readonly description: string
  readonly sinkType: string
  /** Members in Twilio's snake_case. */
  readonly configuration: Readonly<Record<string, unknown>>
}

export interface Subscription {
  readonly sid: string
  readonly accountSid: string | undefined
  readonly sinkSid: string | undefined
}

/** A complete LIST; half of one is thrown away with a `TwilioFailure`. */
export interface SinkList {
  readonly sinks: readonly ExternalSink[]
  /** How many pages it took: absence needs two LISTs in a row when there was more than one. */
  readonly pages: number
}

/**
 * One account at Twilio, seen through one credential. Every method rejects with a `TwilioFailure` and with nothing else.
 *
 * Implementations MUST bound every call by the call timeout, MUST hold the limit of calls in flight per group of limits,
 * MUST repeat a call after a 429 only, and GETs and DELETEs also after a failure that proves nothing, within a few
 * attempts; they MUST ask the composition's `mayMutate` immediately before every request that changes something at
 * Twilio and reject with `not-sent` if it says no. They MUST NOT follow a URL to another host than the configured one.
 */
export interface TwilioAccountApi extends SinkLook {
  listSinks(): Promise<SinkList>
  listSubscriptions(): Promise<readonly Subscription[]>
  /** The calls that change something. */
  readonly writes: SinkWrites
  /** Test and Validate. */
  readonly probe: SinkProbe
}

export interface SinkWrites {
  /**
   * Waits for a slot of the account, then runs `work`, which may call `post` at most once while the slot is held.
   * `post` MUST send the POST at most once, except after a 429, MUST NOT begin a send when either of the composition's
   * clocks is past `notAfter` (else `not-sent`), and MUST use a fresh or just-used connection.
   */
  withCreateSlot<T>(work: (post: PostSink) => Promise<T>): Promise<T>
  /**
   * Waits for a slot of the account, then runs `work`, whose calls are sent in that slot: between the last look at a sink
   * and its change nothing waits for other calls. `lasting`: not given up when the process ends, since nobody else makes
   * this change.
   */
  withChangeSlot<T>(work: (change: SinkChange) => Promise<T>, lasting?: boolean): Promise<T>
}

/**
 * Of one slot. A change MUST NOT begin to be sent, first or again, when either clock is past `notAfter` (else `not-sent`).
 */
export interface SinkChange extends SinkLook {
  updateDescription(sid: string, description: string, notAfter: Moment): Promise<ExternalSink>
  /** Resolves only on 204. */
  deleteSink(sid: string, notAfter: Moment): Promise<void>
}

export interface SinkLook {
  /** GET one sink. */
  fetchSink(sid: string): Promise<ExternalSink>
}

export type PostSink = (sink: NewSink, notAfter: Moment) => Promise<ExternalSink>

export interface SinkProbe {
  /** Twilio's word for the outcome, e.g. `submitted`. */
  sendTest(sid: string): Promise<string>
  /** Twilio's word for the outcome, e.g. `valid`. */
  validate(sid: string, testId: string): Promise<string>
}

export interface ConnectTwilio {
  /** MUST NOT do I/O. */
  (account: CallingAccount, credential: Credential): TwilioAccountApi
}

/** The account whose calls they are. */
export interface CallingAccount {
  /** Under which its calls are counted: its object's namespace/name. */
  readonly name: string
  readonly accountSid: string
  /** Whose slots and pauses a call shares; asked for each call, since keys may turn out to be of one account. */
  readonly limits: () => string
}

/** One operation of RFC 6902. `test` operations are the preconditions of our writes. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

export type KubernetesFailureKind =
  /** 409, or a failed `test` operation: our view was stale. */
  | 'conflict'
  /** The same answer, although the object is still as the patch expects it: an admission webhook or policy gives it. */
  | 'refused'
  | 'not-found'
  /** 422 by a validation rule. */
  | 'invalid'
  /** 403, also of a namespace that is being deleted. */
  | 'forbidden'
  /** Anything that proves nothing: timeout, reset, 5xx, 429. */
  | 'unavailable'

export interface KubernetesFailureFacts {
  readonly status?: number | undefined
  readonly cause?: unknown
  /** It was a write that failed. */
  readonly isWrite?: boolean
  /**
   * Why the API server refuses the write, in its own words, or in those of a webhook; without URLs. It may quote the object:
   * MUST NOT be shown but through `shownWords`.
   */
  readonly said?: string | undefined
}

/** What every port to Kubernetes throws. `message` holds neither headers nor bodies. */
export class KubernetesFailure extends Error {
  readonly kind: KubernetesFailureKind
  readonly status: number | undefined
  readonly isWrite: boolean
  readonly said: string | undefined
  constructor(kind: KubernetesFailureKind, message: string, facts: KubernetesFailureFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.name = 'KubernetesFailure'
    this.kind = kind
    this.status = facts.status
    this.isWrite = facts.isWrite ?? false
    this.said = facts.said
  }
}

/** An object's namespace and name, as `namespace/name`. */
export type ObjectKey = string

/** What is known of every object in a cache. */
interface Cached {
  readonly key: ObjectKey
  /** The field managers of the last change; several where nobody knows which came last. */
  readonly managers?: readonly string[]
}

/** An object that we cannot read as a whole: it is reported, must not stop the others, and what can be read of it counts. */
export interface UnreadableObject<T> extends Unreadable<T>, Cached {
  readonly uid: string
  readonly generation: number
  readonly resourceVersion: string
}

export interface ReadableObject<T> extends Readable<T>, Cached {}

export type CachedObject<T> = ReadableObject<T> | UnreadableObject<T>

/**
 * The objects of one kind: a cache kept by a list-watch, and writes.
 *
 * The object that a write returns MUST be in the cache before the write resolves, unless the cache holds a newer one of
 * the same list-watch session. `read` MUST ask the API server, not a cache of it, and put the answer into the cache.
 * Before a write rejects as `conflict` or `not-found` the object MUST have been read; if it is still as the tests of the
 * patch say, the write MUST reject as `refused`.
 */
export interface ObjectStore<T> {
  get(key: ObjectKey): CachedObject<T> | undefined
  all(): Iterable<CachedObject<T>>
  read(key: ObjectKey): Promise<CachedObject<T> | undefined>
  patch(key: ObjectKey, operations: readonly JsonPatchOperation[]): Promise<CachedObject<T>>
  patchStatus(key: ObjectKey, operations: readonly JsonPatchOperation[]): Promise<CachedObject<T>>
}

/**
 * What the reconcilers need to read of the rest of the cluster, always live and never watched. Rejects with
 * `KubernetesFailure`.
 */
export interface ClusterReader {
  /** Decoded, MUST NOT be logged or kept; undefined: there is none. `forbidden`, with what to do: it may not be used. */
  secret(namespace: string, name: string, user: SecretUser): Promise<ReadonlyMap<string, string> | undefined>
  /** Labels of a namespace, or undefined when it does not exist. */
  namespaceLabels(namespace: string): Promise<Readonly<Record<string, string>> | undefined>
  sinkCrd(): Promise<SinkCrd>
}

/**
 * Whether the CRD of Sinks is being deleted. `source` is `discovery` when the CRD itself may not be read: then
 * the caller waits ten seconds after the deletion was first seen before it believes a `false`.
 */
export interface SinkCrd {
  readonly deleting: boolean
  readonly source: 'crd' | 'discovery'
}

/** Whether the API server stores what a create leaves behind: the CRDs in the cluster may be older than this version. */
export interface StoredFieldsCheck {
  /**
   * Rejects with a `KubernetesFailure` when a field that no create is safe without would be dropped, or when that is not
   * known.
   */
  assertComplete(): Promise<void>
  /** An answer has shown that it is dropped, e.g. `sink.status.sid`. */
  fieldDropped(field: string): void
}

export type EventType = 'Normal' | 'Warning'

/** One event about one object (events.k8s.io/v1). */
export interface ObjectEvent {
  readonly kind: 'Sink' | 'TwilioAccount'
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  readonly type: EventType
  readonly reason: string
  /** What the operator was doing, UpperCamelCase, e.g. `Create`. */
  readonly action: string
  /** For people; no configuration, no secret. At most 1,024 characters. */
  readonly note: string
}

/**
 * Emitting MUST NOT block or fail a reconcile: an event that the API server refuses (a terminating namespace) is dropped.
 */
export interface EventRecorder {
  emit(event: ObjectEvent): void
}

/** Whether this process leads. */
export interface Leadership {
  /**
   * Whether a change may begin now. MUST follow from the clocks at the moment of asking, so that it is right at once after
   * a pause of the process, and MUST turn to no while a margin of the lease is left.
   */
  mayMutate(): boolean
}
