import { AsyncLocalStorage } from 'node:async_hooks'
import type { Sink } from '../../src/api/sink.ts'
import type { TwilioAccount } from '../../src/api/twilio-account.ts'
import { createKeyedLock } from '../../src/controller/keyed-lock.ts'
import type {
  Held,
  JsonPatchOperation,
  ObjectStore,
  SinkList,
  TwilioAccountApi,
} from '../../src/reconciler/ports.ts'
import type { PassResult } from '../../src/reconciler/sink-reconciler.ts'
import type { Surroundings } from '../../src/reconciler/surroundings.ts'
import type { ExternalSink } from '../../src/sink/external-sink.ts'
import type { Call, CallKind, Change, Deed, Input, Look, Reply, Target } from './input.ts'
import { KUBERNETES_CALLS } from './input.ts'
import { patched } from './json-patch.ts'
import { recordMemory, type Memory } from './memory.ts'
import type { Product } from './product.ts'
import { settingsOf, WALL, type Setting } from './setting.ts'
import { FIRST_STEP, moment, TICK, tickOf } from './time.ts'

/** A process between two moments at which nothing is under way, as plain values. */
export interface Image {
  readonly tick: number
  /** The first step of that tick that is free. */
  readonly step: number
  readonly leadingSince: number
  readonly sinks: readonly (readonly [string, Sink])[]
  readonly accounts: readonly (readonly [string, TwilioAccount])[]
  readonly memory: Memory | undefined
  /** When passes are due, in ticks. */
  readonly due: readonly (readonly [Target, number])[]
}

export interface LiveProcess {
  /** Does what follows from the input, up to where everything waits for the outside. */
  apply(input: Input, look: Look): Promise<void>
  /** What has been asked and not been answered. */
  calls(): readonly Call[]
  due(): readonly (readonly [Target, number])[]
  active(): readonly Target[]
  /** By `sink key` or `account key`, the version in the cache. */
  versions(): Readonly<Record<string, number>>
  image(): Image
  /** Since the process was brought to life. */
  readonly deeds: readonly Deed[]
}

interface Waiting extends Call {
  readonly answer: (reply: Reply) => void
}

/** Brings a process to life: the product's own passes between ports that write down what they are asked. */
export function revive(product: Product, setting: Setting, image: Image): LiveProcess {
  const { KubernetesFailure, TwilioFailure } = product
  const caches = {
    sink: new Map<string, Sink>(),
    account: new Map<string, TwilioAccount>(),
  }
  const waiting = new Map<number, Waiting>()
  const due = new Map<Target, number>(image.due)
  const active = new Set<Target>()
  const deeds: Deed[] = []
  const pass = new AsyncLocalStorage<Target>()
  const locks = createKeyedLock()
  let asked = 0
  let { leadingSince } = image
  let time = { tick: image.tick, step: image.step, looks: 0 }
  let look: Look = () => undefined
  /** In this step, which the world takes in when it ends. */
  const written = new Map<string, TwilioAccount>()

  const wake = (target: Target, tick = time.tick): void => {
    due.set(target, Math.min(tick, due.get(target) ?? tick))
  }
  const did = (kind: Deed['kind'], about: string, detail: unknown): void => {
    deeds.push({ kind, about, detail })
  }
  const ask = <T>(what: CallKind, about: string, args: unknown): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const id = (asked += 1)
    const answer = (reply: Reply): void => {
      waiting.delete(id)
      if ('value' in reply) resolve(reply.value as T)
      else if (KUBERNETES_CALLS.includes(what))
        reject(new KubernetesFailure(reply.failure as 'conflict', 'as the model wants it'))
      else reject(new TwilioFailure({ kind: reply.failure as 'transient', message: 'as the model wants it' }))
    }
    const by = pass.getStore() ?? 'sink ?'
    waiting.set(id, { id, by, what, about, args, tick: time.tick, answer })
    return promise
  }

  const changeSink = (key: string, after: Sink | undefined, origin: string, born: boolean): void => {
    const before = caches.sink.get(key)
    if (after === undefined) caches.sink.delete(key)
    else caches.sink.set(key, after)
    if (before === undefined && after === undefined) return
    const change = { key, before: heldOf(key, before), after: heldOf(key, after), born }
    product.followSink(s, change)
    for (const name of product.accountsOf(s, change)) wake(`account ${name}`)
    if (origin !== 'write') wake(`sink ${key}`)
  }
  const changeAccount = (key: string, after: TwilioAccount | undefined): void => {
    const before = caches.account.get(key)
    if (after === undefined) caches.account.delete(key)
    else caches.account.set(key, after)
    const change = { key, before: heldOf(key, before), after: heldOf(key, after), born: false }
    if (!product.concernsAccount(change)) return
    wake(`account ${key}`)
    for (const sink of product.sinksConcerned(s, key)) wake(`sink ${sink}`)
  }
  const change = ({ of, key, version, object, origin, born }: Change): void => {
    if (version < versionOf(caches[of].get(key))) return
    if (of === 'account') changeAccount(key, object as TwilioAccount | undefined)
    else if (version > versionOf(caches.sink.get(key)) || object === undefined)
      changeSink(key, object as Sink | undefined, origin, born && !caches.sink.has(key))
  }
  /** An answer of the API server, unless the cache knows something newer. */
  const learn = (key: string, object: Sink, origin: 'read' | 'write'): Held<Sink> => {
    const known = caches.sink.get(key)
    if (versionOf(object) > versionOf(known))
      changeSink(key, leaving(object) ? undefined : object, origin, false)
    return { readable: true, key, object }
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
    patch: async (key, operations) =>
      learn(key, await ask<Sink>('patch metadata of', key, operations), 'write'),
    patchStatus: async (key, operations) =>
      learn(key, await ask<Sink>('patch status of', key, operations), 'write'),
  }
  const patchAccount = async (
    key: string,
    operations: readonly JsonPatchOperation[],
  ): Promise<Held<TwilioAccount>> => {
    const stored = written.get(key) ?? (look(`account ${key}`) as TwilioAccount | undefined)
    if (stored === undefined) throw new KubernetesFailure('not-found', 'no such account')
    const object = patched(stored, operations)
    if (object === 'conflict') throw new KubernetesFailure('conflict', 'a test failed')
    const version = String(versionOf(stored) + 1)
    const after = { ...object, metadata: { ...object.metadata, resourceVersion: version } }
    written.set(key, after)
    did('wrote account', key, after)
    changeAccount(key, after)
    return { readable: true, key, object: after }
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

  const connect = (name: string, user: string): TwilioAccountApi => {
    /** The port's own duty: immediately before each request that changes something. */
    const mutate = <T>(what: CallKind, about: string, args: object): Promise<T> => {
      if (look('leads') === true) return ask<T>(what, about, { user, name, ...args })
      throw new TwilioFailure({ kind: 'not-sent', message: 'this process does not lead' })
    }
    let listed: Promise<SinkList & { subscriptions?: never[] }> | undefined
    return {
      listSinks: () => {
        listed = ask('list', name, { user })
        return listed
      },
      // One answer holds both, so that the two are asked for and fail together.
      listSubscriptions: async () => (await listed)?.subscriptions ?? [],
      fetchSink: (sid) => ask<ExternalSink>('get', sid, { user }),
      writes: {
        withCreateSlot: async (work) => {
          if (setting.slots) await ask('slot', name, {})
          return work(async (sink, notAfter) => {
            if (now() > notAfter.monotonic) throw new TwilioFailure({ kind: 'not-sent', message: 'too late' })
            return mutate<ExternalSink>('post', name, sink)
          })
        },
        updateDescription: async (sid, description) => mutate<ExternalSink>('update', sid, { description }),
        deleteSink: async (sid) => mutate('delete', sid, {}),
      },
      probe: { sendTest: async () => 'submitted', validate: async () => 'valid' },
    }
  }

  const now = (): number => moment(time.tick, time.step, (time.looks += 1))
  const s: Surroundings = product.createSurroundings({
    sinks,
    accounts,
    cluster: {
      secret: async (namespace, name) => {
        const values = look(`secret ${namespace}/${name}`) as Record<string, string> | undefined
        return values && new Map(Object.entries(values))
      },
      namespaceLabels: async () => ({}),
      sinkDefinition: async () => ({ deleting: look('definition deleting') === true, judgedBy: 'crd' }),
    },
    events: {
      emit: ({ kind, namespace, name, reason }) => did('announced', `${kind} ${namespace}/${name}`, reason),
    },
    leadership: { mayMutate: () => look('leads') === true },
    connectTwilio: ({ name }, { username }) => connect(name, username),
    clock: { now: () => WALL + time.tick * TICK, monotonic: now },
    random: () => 0,
    serialise: (key, work) => locks.run(key, work),
    pause: async () => undefined,
    wake: { sink: (key) => wake(`sink ${key}`), account: (name) => wake(`account ${name}`) },
    observer: {
      passed: (report) => did('passed', report.key, report),
      statusWritten: () => undefined,
      log: () => undefined,
    },
    settings: settingsOf(setting, () => leadingSince),
  })
  const memory = recordMemory(s)
  for (const [key, sink] of image.sinks) {
    caches.sink.set(key, sink)
    s.index.change(key, heldOf(key, sink))
  }
  for (const [key, account] of image.accounts) caches.account.set(key, account)
  if (image.memory !== undefined) memory.restore(image.memory)

  const start = (target: Target): void => {
    due.delete(target)
    active.add(target)
    const [of, key = ''] = target.split(' ')
    const run = of === 'sink' ? product.reconcileSink : product.reconcileAccount
    const ended = (result: PassResult): void => {
      active.delete(target)
      const tick = nextTick(result, now())
      if (tick !== undefined) wake(target, tick)
    }
    const threw = (error: unknown): void => {
      did('threw', target, error)
      ended({ kind: 'retry' })
    }
    void pass.run(target, () => run(s, key)).then(ended, threw)
  }

  return {
    deeds,
    apply: async (input, sees) => {
      const step = input.tick === time.tick ? time.step + 1 : FIRST_STEP
      time = { tick: input.tick, step, looks: 0 }
      look = sees
      written.clear()
      if (input.kind === 'start') start(input.target)
      else if (input.kind === 'answer') waiting.get(input.call)?.answer(input.reply)
      else if (input.kind === 'lead') leadingSince = input.tick * TICK
      else change(input)
      await drained()
    },
    calls: () => [...waiting.values()].map(({ answer: _, ...call }) => call),
    due: () => [...due],
    active: () => [...active],
    versions: () =>
      Object.fromEntries([
        ...[...caches.sink].map(([key, sink]) => [`sink ${key}`, versionOf(sink)] as const),
        ...[...caches.account].map(([key, account]) => [`account ${key}`, versionOf(account)] as const),
      ]),
    image: () => ({
      tick: time.tick,
      step: time.step,
      leadingSince,
      sinks: [...caches.sink],
      accounts: [...caches.account],
      memory: memory.read(),
      due: [...due].sort(),
    }),
  }
}

function heldOf<T>(key: string, object: T | undefined): (Held<T> & { readable: true }) | undefined {
  return object === undefined ? undefined : { readable: true, key, object }
}

export const versionOf = (object: { metadata: { resourceVersion: string } } | undefined): number =>
  object === undefined ? 0 : Number(object.metadata.resourceVersion)

/** With its last finalizer an object that is being deleted goes. */
export const leaving = ({ metadata }: { metadata: Sink['metadata'] }): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.finalizers.length === 0

function nextTick(result: PassResult, now: number): number | undefined {
  const tick = tickOf(now)
  if (result.kind === 'change') return undefined
  if (result.kind === 'now') return tick
  if (result.kind === 'retry') return tick + 1
  return Math.max(tick + 1, tickOf(now + result.ms))
}

/** All that needs no answer from outside has been done. */
const drained = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
