import { KubernetesFailure } from '../reconciler/ports.ts'
import type { Connection } from './client/connection.ts'
import { FIELD_MANAGER, resourcePath } from './client/call.ts'
import { numberAt, textAt } from './client/json-value.ts'
import { pause } from '../time/clock.ts'
import { watchLines } from './client/body.ts'

/** A Lease (coordination.k8s.io/v1) as leader election uses it; the fields are those that client-go writes. */
export interface LeaseClient {
  /** Undefined when there is none. Rejects with a `KubernetesFailure`. */
  read(): Promise<LeaseFields | undefined>
  /**
   * Creates it when `version` is undefined, else changes just that version; `conflict` means that nothing was stored.
   * Rejects with a `KubernetesFailure`, after which nobody knows.
   */
  write(record: NewLeaseFields, version: string | undefined): Promise<LeaseFields | 'conflict'>
  /** Calls `changed` soon after a change, until `signal` ends. Misses some. */
  watch(changed: () => void, signal: AbortSignal): void
}

export interface LeaseFields {
  /** '': nobody. */
  readonly holder: string
  readonly durationSeconds: number
  readonly transitions: number
  readonly version: string
}

/** Times in milliseconds since the epoch. */
export interface NewLeaseFields extends Omit<LeaseFields, 'version'> {
  readonly acquiredAt: number
  readonly renewedAt: number
}

export interface LeasePlace {
  readonly namespace: string
  readonly name: string
  /** For each request, in milliseconds. */
  readonly timeoutMs: number
}

const LEASES = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases' }
const WATCH = { seconds: 20, marginMs: 3_000, openMs: 10_000, againMs: 1_000 }

/** Each call is one try: the elector knows how long it may go on. */
export function createLeaseClient(
  connection: Connection,
  { namespace, name, timeoutMs }: LeasePlace,
): LeaseClient {
  const collection = resourcePath(LEASES, namespace)
  const path = resourcePath(LEASES, namespace, name)
  const shared = { timeoutMs, tries: 1 }

  const create = (spec: object): Promise<unknown> => {
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name }, spec }
    return connection.request({ ...shared, method: 'POST', path: collection, query: FIELD_MANAGER, body })
  }

  /** What others have written into it stays. */
  const change = (spec: object, resourceVersion: string): Promise<unknown> => {
    const contentType = 'application/merge-patch+json'
    const body = { metadata: { resourceVersion }, spec }
    return connection.request({ ...shared, method: 'PATCH', path, query: FIELD_MANAGER, body, contentType })
  }

  const watchOnce = async (changed: () => void, signal: AbortSignal): Promise<void> => {
    const query = {
      watch: 'true',
      fieldSelector: `metadata.name=${name}`,
      timeoutSeconds: String(WATCH.seconds),
    }
    const call = { method: 'GET' as const, path: collection, query, signal, timeoutMs: WATCH.openMs }
    const chunks = await connection.stream(call, WATCH.seconds * 1000 + WATCH.marginMs)
    const lines = watchLines(chunks, MAX_LINE_BYTES)
    while ((await lines.next()).done !== true) changed()
  }

  return {
    read: async () => {
      try {
        return fieldsOf(await connection.request({ ...shared, method: 'GET', path }), path)
      } catch (error) {
        if (error instanceof KubernetesFailure && error.kind === 'not-found') return undefined
        throw error
      }
    },
    write: async (record, version) => {
      try {
        const spec = specOf(record)
        return fieldsOf(await (version === undefined ? create(spec) : change(spec, version)), path)
      } catch (error) {
        if (!(error instanceof KubernetesFailure)) throw error
        // One that was deleted meanwhile has changed, too; but a missing namespace is an error.
        const isGone = error.kind === 'not-found' && version !== undefined
        if (error.kind === 'conflict' || isGone) return 'conflict'
        throw error
      }
    },
    watch: (changed, signal) => {
      const work = async (): Promise<void> => {
        while (!signal.aborted) {
          await watchOnce(changed, signal).catch(() => undefined)
          await pause(WATCH.againMs, signal)
        }
      }
      void work()
    },
  }
}

const MAX_LINE_BYTES = 1024 * 1024

const specOf = (record: NewLeaseFields): object => ({
  holderIdentity: record.holder,
  leaseDurationSeconds: record.durationSeconds,
  acquireTime: microTime(record.acquiredAt),
  renewTime: microTime(record.renewedAt),
  leaseTransitions: record.transitions,
})

/** The API wants exactly six digits of a second. */
const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')

/** Absent fields are those of a lease that nobody has held. */
function fieldsOf(lease: unknown, path: string): LeaseFields {
  const version = textAt(lease, 'metadata', 'resourceVersion')
  if (version === undefined) throw new KubernetesFailure('unavailable', `${path}: no resourceVersion`)
  return {
    holder: textAt(lease, 'spec', 'holderIdentity') ?? '',
    durationSeconds: numberAt(lease, 'spec', 'leaseDurationSeconds') ?? 0,
    transitions: numberAt(lease, 'spec', 'leaseTransitions') ?? 0,
    version,
  }
}
