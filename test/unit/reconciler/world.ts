import { expect } from 'vitest'
import { FINALIZER } from '../../../src/api/group.ts'
import { parseSink, type Sink } from '../../../src/api/sink.ts'
import { parseTwilioAccount, type TwilioAccount } from '../../../src/api/twilio-account.ts'
import { reconcileAccount } from '../../../src/reconciler/account-reconciler.ts'
import {
  createContext,
  type ReconcileContext,
  type ReconcileObserver,
} from '../../../src/reconciler/context.ts'
import { decodeObject, type Parse } from '../../../src/kubernetes/cache/decode-object.ts'
import { recordSinkChange } from '../../../src/reconciler/observe/cache-changes.ts'
import type { CachedObject } from '../../../src/reconciler/ports.ts'
import { isPast } from '../../../src/time/clock.ts'
import { reconcileSink } from '../../../src/reconciler/sink-reconciler.ts'
import type { ReconcileResult } from '../../../src/controller/controller.ts'
import { emptyBackend, fakeStore, type FakeStore, type Stored } from './fake-store.ts'
import { fakeTwilio } from './fake-twilio.ts'

export const KEY = 'shop/orders'
export const INSTALLATION = 'installation'
export const ACCOUNT = 'shop/default'
export const ACCOUNT_SID = `AC${'1'.repeat(32)}`
const WALL = Date.parse('2026-11-24T12:00:00Z')

/** What outlives a process: the API server, and Twilio. */
const emptyOutside = () => ({
  sinks: emptyBackend(),
  accounts: emptyBackend(),
  twilio: fakeTwilio(),
  wall: WALL,
})

/** Whether the process of a world leads, and since when in its own monotonic time; a test may change it. */
export interface Leading {
  since: number
  mayMutate: boolean
}

/** An API server, a Twilio and a process between them, whose time and reconciles the test drives. */
export function createWorld(outside = emptyOutside(), leading: Leading = { since: 0, mayMutate: true }) {
  let elapsed = 0
  const { twilio } = outside
  const foundAtStart = new Set([...outside.sinks.stored.values()].map(({ metadata }) => metadata.uid))
  const secret = new Map([['TWILIO_AUTH_TOKEN', 'token']])
  const crd: { deleting: boolean; source: 'crd' | 'discovery' } = {
    deleting: false,
    source: 'crd',
  }
  const crds = {
    assertComplete: async (): Promise<void> => undefined,
    fieldDropped: (_field: string): void => undefined,
  }
  const woken = { sinks: new Set<string>(), accounts: new Set<string>() }
  const accounts = fakeStore<TwilioAccount>(decoding(parseTwilioAccount), () => undefined, outside.accounts)
  const sinks = fakeStore<Sink>(
    decoding(parseSink),
    (key, after) => {
      const uid = after?.readable === true ? after.object.metadata.uid : after?.uid
      recordSinkChange(s, { key, before: undefined, after, born: !foundAtStart.has(uid ?? '') })
    },
    outside.sinks,
  )
  const s = createContext({
    sinks,
    accounts,
    cluster: {
      secret: async () => secret,
      namespaceLabels: async () => ({}),
      sinkCrd: async () => crd,
    },
    crds,
    events: { emit: () => undefined },
    leadership: { mayMutate: () => leading.mayMutate },
    connectTwilio: twilio.connect,
    // Time never stands still: what follows is later.
    clock: { now: () => outside.wall + elapsed, monotonic: () => (elapsed += 0.001) },
    random: () => 0,
    serialise: (_, work) => work(),
    pause: async () => undefined,
    enqueue: { sink: (key) => woken.sinks.add(key), account: (name) => woken.accounts.add(name) },
    observer: QUIET,
    settings: {
      installationId: INSTALLATION,
      poll: 300_000,
      settlingPoll: 15_000,
      settle: 60_000,
      callTimeout: 15_000,
      operatorNamespace: 'operators',
      watchesAll: true,
      accountNamespaces: [],
      unreadNamespaces: () => [],
      defaultAccount: undefined,
      leadingSince: () => leading.since,
    },
  })

  twilio.isPast = (moment) => isPast(moment, s.clock)
  const looks = watchedLooks(s, sinks)

  /** Runs all reconciles that are due now; resolves to how many, at most `most`, and how the last reconcile of a Sink ended. */
  const settle = async (most = 50) => {
    let passes = 0
    let last: ReconcileResult | undefined
    for (; passes < most && woken.sinks.size + woken.accounts.size > 0; passes += 1) {
      const [account] = woken.accounts
      const [key] = woken.sinks
      if (account !== undefined) {
        woken.accounts.delete(account)
        await reconcileAccount(s, account)
      } else if (key !== undefined) {
        woken.sinks.delete(key)
        looks.clear()
        last = await reconcileSink(s, key)
        if (last.kind === 'now') woken.sinks.add(key)
      }
    }
    return { passes, last }
  }

  const apply = async (key: string, object: Stored): Promise<void> => {
    sinks.put(key, object)
    await sinks.read(key)
    woken.sinks.add(key)
  }

  return {
    s,
    twilio,
    sinks,
    accounts,
    secret,
    crd,
    crds,
    woken,
    settle,
    apply,
    pass: (ms: number) => (elapsed += ms),
    /** Another process at the same API server and Twilio, which knows nothing yet; this one may live on. */
    another: (leads?: Leading) => createWorld({ ...outside, wall: outside.wall + elapsed }, leads),
    start: async () => {
      if (!accounts.stored.has(ACCOUNT)) accounts.put(ACCOUNT, accountObject())
      await accounts.read(ACCOUNT)
      for (const key of sinks.stored.keys()) {
        await sinks.read(key)
        woken.sinks.add(key)
      }
      woken.accounts.add(ACCOUNT)
      await settle()
    },
  }
}

/**
 * The SIDs that answers to a reconcile have shown. No other comes into a status, whichever test it is: an operator that
 * records what nobody has looked at changes and deletes what is not its own.
 */
function watchedLooks(s: ReconcileContext, sinks: FakeStore<Sink>): Set<string> {
  const looks = new Set<string>()
  const recordSeen = s.registry.recordSeen.bind(s.registry)
  const patchStatus = sinks.patchStatus.bind(sinks)
  const sidIn = (key: string): unknown => Object(sinks.stored.get(key)?.['status']).sid
  Object.assign(s.registry, {
    recordSeen: (...seen: Parameters<typeof recordSeen>) => {
      looks.add(seen[2].sid)
      recordSeen(...seen)
    },
  })
  sinks.patchStatus = async (key, operations) => {
    const before = sidIn(key)
    const cached = await patchStatus(key, operations)
    const sid = sidIn(key)
    if (typeof sid === 'string' && sid !== before)
      expect([...looks], `${key} has recorded it without a look`).toContain(sid)
    return cached
  }
  return looks
}

const QUIET: ReconcileObserver = {
  reconciled: () => undefined,
  statusWritten: () => undefined,
  log: () => undefined,
}

const meta = (name: string, uid: string) => ({
  name,
  namespace: 'shop',
  uid,
  resourceVersion: '0',
  generation: 1,
  creationTimestamp: '2026-11-24T11:00:00Z',
  finalizers: [] as string[],
})

/** A TwilioAccount as the API server stores it. */
export const accountObject = (by: { metadata?: object; spec?: object } = {}): Stored => ({
  metadata: { ...meta('default', 'account'), finalizers: [FINALIZER], annotations: {}, ...by.metadata },
  spec: { accountSid: ACCOUNT_SID, credentialsSecretRef: { name: 'twilio' }, ...by.spec },
  status: { observedGeneration: -1 },
})

/** A webhook Sink as the API server stores it. */
export const sinkObject = (by: { metadata?: object; spec?: object; status?: object } = {}): Stored => ({
  metadata: { ...meta('orders', 'uid'), annotations: {}, ...by.metadata },
  spec: { description: 'Orders', webhook: { destination: 'https://a.example.com/' }, ...by.spec },
  status: { observedGeneration: -1, ...by.status },
})

const decoding =
  <T>(parse: Parse<T>) =>
  (object: unknown): CachedObject<T> => {
    const cached = decodeObject(object, parse)?.cached
    if (cached === undefined) throw new Error('Not even its name can be read')
    return cached
  }
