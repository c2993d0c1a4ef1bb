import type { Sink } from '../../src/api/sink.ts'
import type { TwilioAccount } from '../../src/api/twilio-account.ts'
import type { CachedObject, JsonPatchOperation, ObjectStore } from '../../src/reconciler/ports.ts'
import type { ReconcileContext } from '../../src/reconciler/context.ts'
import type { Outside } from './asking.ts'
import type { ModelChange } from './input.ts'
import { patched } from './json-patch.ts'
import type { Product } from './product.ts'
import { heldOf, leaving, versionOf } from './stored.ts'

/** Both kinds of objects, as a process has them in its caches; what follows from a change is what src/operator/operator.ts wires. */
export interface Stores {
  readonly sinks: ObjectStore<Sink>
  readonly accounts: ObjectStore<TwilioAccount>
  readonly caches: Caches
  /** The watch tells. */
  change(news: ModelChange): void
  /** The world has taken in what was written in the step before. */
  goOn(): void
}

export interface Caches {
  readonly sink: Map<string, Sink>
  readonly account: Map<string, TwilioAccount>
}

/** Writes to Sinks wait; those to accounts are done on the spot, since nothing depends on what comes between. */
export function createStores(product: Product, outside: Outside, context: () => ReconcileContext): Stores {
  const { KubernetesFailure } = product
  const { ask, look, did, wake } = outside
  const caches: Caches = { sink: new Map(), account: new Map() }
  /** In this step. */
  const written = new Map<string, TwilioAccount>()

  const changeSink = (key: string, after: Sink | undefined, origin: string, born: boolean): void => {
    const before = caches.sink.get(key)
    if (after === undefined) caches.sink.delete(key)
    else caches.sink.set(key, after)
    if (before === undefined && after === undefined) return
    const change = { key, before: heldOf(key, before), after: heldOf(key, after), born }
    product.recordSinkChange(context(), change)
    for (const name of product.accountsOf(context(), change)) wake(`account ${name}`)
    if (origin !== 'write') wake(`sink ${key}`)
  }

  const changeAccount = (key: string, after: TwilioAccount | undefined): void => {
    const before = caches.account.get(key)
    if (after === undefined) caches.account.delete(key)
    else caches.account.set(key, after)
    const change = { key, before: heldOf(key, before), after: heldOf(key, after), born: false }
    if (!product.concernsAccount(change)) return
    wake(`account ${key}`)
    for (const sink of product.sinksConcerned(context(), key)) wake(`sink ${sink}`)
  }

  /** An answer of the API server, unless the cache knows something newer. */
  const learn = (key: string, object: Sink, origin: 'read' | 'write'): CachedObject<Sink> => {
    if (versionOf(object) > versionOf(caches.sink.get(key)))
      changeSink(key, leaving(object) ? undefined : object, origin, false)
    return { readable: true, key, object }
  }

  const patchAccount = async (
    key: string,
    operations: readonly JsonPatchOperation[],
  ): Promise<CachedObject<TwilioAccount>> => {
    const stored = written.get(key) ?? (look(`account ${key}`) as TwilioAccount | undefined)
    const object = stored === undefined ? undefined : patched(stored, operations)
    if (stored === undefined || object === undefined || object === 'conflict') {
      await accounts.read(key)
      throw new KubernetesFailure(object === 'conflict' ? object : 'not-found', 'a stale view')
    }
    const resourceVersion = String(versionOf(stored) + 1)
    const after = { ...object, metadata: { ...object.metadata, resourceVersion } }
    written.set(key, after)
    did('wrote account', key, after)
    changeAccount(key, after)
    return { readable: true, key, object: after }
  }

  const sinks: ObjectStore<Sink> = {
    get: (key) => heldOf(key, caches.sink.get(key)),
    all: () => [...caches.sink].map(([key, object]) => ({ readable: true as const, key, object })),
    read: async (key) => {
      const object = look(`sink ${key}`) as Sink | undefined
      if (object !== undefined) return learn(key, object, 'read')
      if (caches.sink.has(key)) changeSink(key, undefined, 'read', false)
      return undefined
    },
    patch: (key, operations) => patchSink('patch metadata of', key, operations),
    patchStatus: (key, operations) => patchSink('patch status of', key, operations),
  }

  const patchSink = async (
    what: 'patch metadata of' | 'patch status of',
    key: string,
    operations: readonly JsonPatchOperation[],
  ): Promise<CachedObject<Sink>> => {
    try {
      return learn(key, await ask<Sink>(what, key, operations), 'write')
    } catch (error) {
      const isStale = error instanceof KubernetesFailure && ['conflict', 'not-found'].includes(error.kind)
      if (isStale) await sinks.read(key)
      throw error
    }
  }

  const accounts: ObjectStore<TwilioAccount> = {
    get: (key) => heldOf(key, caches.account.get(key)),
    all: () => [...caches.account].map(([key, object]) => ({ readable: true as const, key, object })),
    read: async (key) => {
      const object = look(`account ${key}`) as TwilioAccount | undefined
      changeAccount(key, object)
      return heldOf(key, object)
    },
    patch: patchAccount,
    patchStatus: patchAccount,
  }

  const change = ({ of, key, version, object, origin, born }: ModelChange): void => {
    if (version < versionOf(caches[of].get(key))) return
    if (of === 'account') changeAccount(key, object as TwilioAccount | undefined)
    else if (version > versionOf(caches.sink.get(key)) || object === undefined)
      changeSink(key, object as Sink | undefined, origin, born && !caches.sink.has(key))
  }

  return { sinks, accounts, caches, change, goOn: () => written.clear() }
}
