import type { LeaseRecord, LeaseStore, StoredLease } from '../leader-election/lease.ts'
import { KubernetesFailure } from '../reconciler/ports.ts'
import { pause } from '../time/clock.ts'
import { watchLines } from './client/body.ts'
import { FIELD_MANAGER, resourcePath, type ApiCall } from './client/call.ts'
import type { Connection } from './client/connection.ts'
import { orAbsent } from './client/failure.ts'
import { numberAt, textAt } from './client/json-value.ts'
import { microTime } from './events/event-body.ts'

export interface LeasePlace {
  readonly namespace: string
  readonly name: string
  /** For each request, in milliseconds. */
  readonly timeoutMs: number
}

const LEASES = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases' }
const MAX_LINE_BYTES = 1024 * 1024
const WATCH = { seconds: 20, marginMs: 3_000, openMs: 10_000, againMs: 1_000 }

/**
 * A Lease (coordination.k8s.io/v1) as leader election uses it; the fields are those that client-go writes. Each call is
 * one try: the elector knows how long it may go on. Rejects with a `KubernetesFailure`.
 */
export class LeaseClient implements LeaseStore {
  readonly #connection: Connection
  readonly #place: LeasePlace
  readonly #collection: string
  readonly #path: string

  constructor(connection: Connection, place: LeasePlace) {
    this.#connection = connection
    this.#place = place
    this.#collection = resourcePath(LEASES, place.namespace)
    this.#path = resourcePath(LEASES, place.namespace, place.name)
  }

  async read(): Promise<StoredLease | undefined> {
    const lease = await orAbsent(this.#request({ method: 'GET', path: this.#path }))
    return lease === undefined ? undefined : this.#stored(lease)
  }

  async write(record: LeaseRecord, version: string | undefined): Promise<StoredLease | 'conflict'> {
    const spec = specOf(record)
    try {
      return this.#stored(await (version === undefined ? this.#create(spec) : this.#change(spec, version)))
    } catch (error) {
      if (!(error instanceof KubernetesFailure)) throw error
      // One that was deleted meanwhile has changed, too; but a missing namespace is an error.
      const isGone = error.kind === 'not-found' && version !== undefined
      if (error.kind === 'conflict' || isGone) return 'conflict'
      throw error
    }
  }

  watch(changed: () => void, signal: AbortSignal): void {
    const work = async (): Promise<void> => {
      while (!signal.aborted) {
        await this.#watchOnce(changed, signal).catch(() => undefined)
        await pause(WATCH.againMs, signal)
      }
    }
    void work()
  }

  #request(call: ApiCall): Promise<unknown> {
    return this.#connection.request({ ...call, timeoutMs: this.#place.timeoutMs, tries: 1 })
  }

  #create(spec: object): Promise<unknown> {
    const { namespace, name } = this.#place
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name }, spec }
    return this.#request({ method: 'POST', path: this.#collection, query: FIELD_MANAGER, body })
  }

  /** What others have written into it stays. */
  #change(spec: object, resourceVersion: string): Promise<unknown> {
    const contentType = 'application/merge-patch+json'
    const body = { metadata: { resourceVersion }, spec }
    return this.#request({ method: 'PATCH', path: this.#path, query: FIELD_MANAGER, body, contentType })
  }

  async #watchOnce(changed: () => void, signal: AbortSignal): Promise<void> {
    const query = {
      watch: 'true',
      fieldSelector: `metadata.name=${this.#place.name}`,
      timeoutSeconds: String(WATCH.seconds),
    }
    const call: ApiCall = { method: 'GET', path: this.#collection, query, signal, timeoutMs: WATCH.openMs }
    const chunks = await this.#connection.stream(call, WATCH.seconds * 1000 + WATCH.marginMs)
    const lines = watchLines(chunks, MAX_LINE_BYTES)
    while ((await lines.next()).done !== true) changed()
  }

  /** Absent fields are those of a lease that nobody has held. */
  #stored(lease: unknown): StoredLease {
    const version = textAt(lease, 'metadata', 'resourceVersion')
    if (version === undefined) throw new KubernetesFailure('unavailable', `${this.#path}: no resourceVersion`)
    return {
      holder: textAt(lease, 'spec', 'holderIdentity') ?? '',
      durationSeconds: numberAt(lease, 'spec', 'leaseDurationSeconds') ?? 0,
      transitions: numberAt(lease, 'spec', 'leaseTransitions') ?? 0,
      version,
    }
  }
}

const specOf = (record: LeaseRecord): object => ({
  holderIdentity: record.holder,
  leaseDurationSeconds: record.durationSeconds,
  acquireTime: microTime(record.acquiredAt),
  renewTime: microTime(record.renewedAt),
  leaseTransitions: record.transitions,
})
