import type { Sink } from '../../src/api/sink.ts'
import type { TwilioAccount } from '../../src/api/twilio-account.ts'
import type { ReconcileResult } from '../../src/controller/controller.ts'
import { KeyedLock } from '../../src/controller/keys.ts'
import type { ReconcileContext } from '../../src/reconciler/context.ts'
import { createAsking, type Outside } from './asking.ts'
import { connectTo } from './connect.ts'
import type { ModelCall, ModelDeed, Input, Look, ModelTarget } from './input.ts'
import { recordMemory, type Memory } from './memory.ts'
import type { Product } from './product.ts'
import { settingsOf, WALL, type Setting } from './setting.ts'
import { heldOf, versionOf } from './stored.ts'
import { createStores, type Stores } from './stores.ts'
import { TICK, tickOf } from './time.ts'

/** A process between two moments at which nothing is under way, as plain values. */
export interface Image {
  readonly tick: number
  /** The last step of that tick that is taken. */
  readonly step: number
  readonly leadingSince: number
  readonly sinks: readonly (readonly [string, Sink])[]
  readonly accounts: readonly (readonly [string, TwilioAccount])[]
  readonly memory: Memory | undefined
  /** When reconciles are due, in ticks. */
  readonly due: readonly (readonly [ModelTarget, number])[]
}

export interface LiveProcess {
  /** Does what follows from the input, up to where everything waits for the outside. */
  apply(input: Input, look: Look): Promise<void>
  /** What has been asked and not been answered. */
  calls(): readonly ModelCall[]
  due(): readonly (readonly [ModelTarget, number])[]
  active(): readonly ModelTarget[]
  /** By `sink key` or `account key`, the version in the cache. */
  versions(): Readonly<Record<string, number>>
  image(): Image
  /** Since the process was brought to life. */
  readonly deeds: readonly ModelDeed[]
}

/** Brings a process to life: the product's own reconciles between ports that write down what they are asked. */
export function revive(product: Product, setting: Setting, image: Image): LiveProcess {
  const asking = createAsking(product, image)
  const active = new Set<ModelTarget>()
  let { leadingSince } = image
  const stores = createStores(product, asking, () => s)
  const s: ReconcileContext = product.createContext({
    ...portsTo(asking, stores),
    connectTwilio: ({ name }, { username }) => connect(name, username),
    settings: settingsOf(setting, () => leadingSince),
  })
  const connect = connectTo(product, setting, asking)
  const memory = recordMemory(s)
  const { caches } = stores
  for (const [key, sink] of image.sinks) {
    caches.sink.set(key, sink)
    s.index.change(key, heldOf(key, sink))
  }
  for (const [key, account] of image.accounts) caches.account.set(key, account)
  if (image.memory !== undefined) memory.restore(image.memory)

  const start = (target: ModelTarget): void => {
    asking.due.delete(target)
    active.add(target)
    const [of, key = ''] = target.split(' ')
    const run = of === 'sink' ? product.reconcileSink : product.reconcileAccount
    const ended = (result: ReconcileResult): void => {
      active.delete(target)
      const tick = nextTick(result, asking.now())
      if (tick !== undefined) asking.wake(target, tick)
    }
    const threw = (error: unknown): void => {
      asking.did('threw', target, error)
      ended({ kind: 'retry' })
    }
    void asking.inPass(target, () => run(s, key)).then(ended, threw)
  }

  return {
    deeds: asking.deeds,
    apply: async (input, look) => {
      asking.goOn(input.tick, look)
      stores.goOn()
      if (input.kind === 'start') start(input.target)
      else if (input.kind === 'answer') asking.answer(input.call, input.reply)
      else if (input.kind === 'lead') leadingSince = input.tick * TICK
      else stores.change(input)
      await drained()
    },
    calls: () => asking.calls(),
    due: () => [...asking.due],
    active: () => [...active],
    versions: () =>
      Object.fromEntries([
        ...[...caches.sink].map(([key, sink]) => [`sink ${key}`, versionOf(sink)] as const),
        ...[...caches.account].map(([key, account]) => [`account ${key}`, versionOf(account)] as const),
      ]),
    image: () => ({
      tick: asking.tick,
      step: asking.step,
      leadingSince,
      sinks: [...caches.sink],
      accounts: [...caches.account],
      memory: memory.read(),
      due: [...asking.due].sort(),
    }),
  }
}

type Ports = Parameters<Product['createContext']>[0]

function portsTo(outside: Outside, { sinks, accounts }: Stores): Omit<Ports, 'connectTwilio' | 'settings'> {
  const { look, did, wake } = outside
  const locks = new KeyedLock()
  return {
    sinks,
    accounts,
    cluster: {
      secret: async (namespace, name) => {
        const values = look(`secret ${namespace}/${name}`) as Record<string, string> | undefined
        return values && new Map(Object.entries(values))
      },
      namespaceLabels: async () => ({}),
      sinkCrd: async () => ({ deleting: look('CRD deleting') === true, source: 'crd' }),
    },
    crds: { assertComplete: async () => undefined, fieldDropped: () => undefined },
    events: {
      emit: ({ kind, namespace, name, reason }) => did('event', `${kind} ${namespace}/${name}`, reason),
    },
    leadership: { mayMutate: () => look('leads') === true },
    clock: { now: () => WALL + outside.tick * TICK, monotonic: () => outside.now() },
    random: () => 0,
    serialise: (key, work) => locks.run(key, work),
    pause: async () => undefined,
    enqueue: { sink: (key) => wake(`sink ${key}`), account: (name) => wake(`account ${name}`) },
    observer: {
      reconciled: (report) => did('passed', report.key, report),
      statusWritten: () => undefined,
      log: () => undefined,
    },
  }
}

function nextTick(result: ReconcileResult, now: number): number | undefined {
  const tick = tickOf(now)
  if (result.kind === 'change') return undefined
  if (result.kind === 'now') return tick
  if (result.kind === 'retry') return tick + 1
  return Math.max(tick + 1, tickOf(now + result.ms))
}

/** All that needs no answer from outside has been done. */
const drained = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
