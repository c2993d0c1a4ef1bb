import { FINALIZER } from '../../src/api/group.ts'
import type { Sink } from '../../src/api/sink.ts'
import type { TwilioAccount } from '../../src/api/twilio-account.ts'
import { keyDigest } from '../../src/external/key-digest.ts'
import { markedDescription, ownerOf } from '../../src/external/ownership-mark.ts'
import type { TwilioSink } from './state.ts'
import { MODEL_DATE, sidOf, modelUrlOf } from './twilio.ts'
import type { Cluster, ModelWorld } from './world.ts'

export const HOME_ACCOUNT_SID = `AC${'1'.repeat(32)}`
export const AWAY_ACCOUNT_SID = `AC${'2'.repeat(32)}`
export const ORDERS = 'shop/orders'
const DESCRIPTION = 'Orders'

const metadata = (name: string, uid: string): Sink['metadata'] => ({
  name,
  namespace: 'shop',
  uid,
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: '2026-11-24T11:00:00Z',
  finalizers: [],
  annotations: {},
  labels: {},
})

export const sinkNamed = (name: string, by: Partial<Sink['spec']> = {}): Sink => ({
  metadata: metadata(name, name),
  spec: {
    description: DESCRIPTION,
    webhook: { destination: 'https://a.example.com/', method: 'POST', batchEvents: false },
    ...by,
  },
  status: { observedGeneration: -1, conditions: [] },
})

/** As a reconcile of long ago has left it. */
export function recordedAtFirst(sink: Sink, { sid, account }: TwilioSink, createAttempt = 1): Sink {
  return {
    ...sink,
    metadata: { ...sink.metadata, finalizers: [FINALIZER] },
    status: {
      ...{ observedGeneration: 1, sid, accountSid: account, createAttempt },
      // Through the auth token of the account.
      keyDigest: keyDigest(account),
      ...{ dateCreated: MODEL_DATE, url: modelUrlOf(sid), conditions: [] },
    },
  }
}

export const accountNamed = (name: string, by: Partial<TwilioAccount['spec']> = {}): TwilioAccount => ({
  metadata: { ...metadata(name, `account-${name}`), finalizers: [FINALIZER] },
  spec: {
    accountSid: HOME_ACCOUNT_SID,
    credentialsSecretRef: { name: 'twilio' },
    allowedNamespaces: { from: 'Same' },
    imports: 'Same',
    otherInstallations: [],
    ...by,
  },
  status: { observedGeneration: -1, keys: [], conditions: [] },
})

/** A sink that is at Twilio from the beginning, marked for an object or not. */
export function externalAtFirst(
  number: number,
  by: {
    readonly owner?: string
    readonly number?: number
    readonly where?: string
    readonly account?: string
  } = {},
): TwilioSink {
  const { owner, where = 'here', account = HOME_ACCOUNT_SID } = by
  const mark = owner === undefined ? undefined : { ...ownerOf(where, owner), number: by.number ?? 1 }
  return {
    sid: sidOf(number),
    account,
    description: mark === undefined ? DESCRIPTION : markedDescription(DESCRIPTION, mark),
    status: 'active',
    hiddenUntil: 0,
    ...(owner === undefined ? {} : { madeFor: owner }),
  }
}

export const CLUSTER: Cluster = {
  sinks: { [ORDERS]: sinkNamed('orders') },
  accounts: { 'shop/default': accountNamed('default') },
  secrets: { 'shop/twilio': { TWILIO_AUTH_TOKEN: 'token' } },
}

/** One object, one account with its token, one process, and nobody who interferes. */
export const PLAIN: Omit<ModelWorld, 'name' | 'looksFor'> = {
  clusters: { here: CLUSTER },
  external: [],
  keys: {},
  operators: { A: 'here' },
  faults: {},
  people: [],
  ticks: 4,
  pages: 1,
  slots: false,
  orderly: false,
  weight: 1,
  slowWatch: false,
  ends: [],
  known: [],
  orphans: [],
}
