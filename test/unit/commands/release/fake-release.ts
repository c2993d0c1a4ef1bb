import { keyDigest } from '../../../../src/external/key-digest.ts'
import type { Release } from '../../../../src/commands/release/release-sinks.ts'
import type { AccountOpener, OpenAccount } from '../../../../src/commands/release/accounts.ts'
import { FINALIZER } from '../../../../src/api/group.ts'
import { Sink } from '../../../../src/api/sink.ts'
import type { LiveObjects } from '../../../../src/kubernetes/release-client.ts'
import { markedDescription, objectPart } from '../../../../src/external/ownership-mark.ts'
import { patched } from '../../../model/json-patch.ts'
import { fakeTwilio, type FakeTwilio } from '../../reconciler/fake-twilio.ts'

/** Of every object and mark here. */
export const RELEASED_INSTALLATION = 'abcdef'

export interface FakeRelease {
  readonly release: Release
  /** By account SID. */
  readonly twilio: ReadonlyMap<string, FakeTwilio>
  /** What is left in the cluster, by name. */
  readonly objects: Map<string, Sink>
  /** Writes in the cluster, as `patch orders`. */
  readonly writes: readonly string[]
  /** What the person was told. */
  readonly told: readonly string[]
}

export interface FakeSink {
  readonly name: string
  readonly accountSid: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** Active Sinks of the namespace `shop`, each with its marked sink at Twilio, and no operator. */
export function fakeRelease(
  sinks: readonly FakeSink[],
  changed: Partial<LiveObjects<Sink>> = {},
): FakeRelease {
  const twilio = new Map(sinks.map(({ accountSid }) => [accountSid, fakeTwilio()]))
  const objects = new Map(sinks.map((sink, at) => [sink.name, activeSink(sink, at)]))
  for (const { metadata, status } of objects.values())
    place(twilio.get(status.accountSid ?? ''), metadata, status)
  const writes: string[] = []
  const told: string[] = []
  const unwanted = () => Promise.reject(new Error('nobody asks for this'))
  const release: Release = {
    client: {
      sinks: { ...liveSinks(objects, writes), ...changed },
      accounts: { list: unwanted, read: unwanted, patch: unwanted, remove: unwanted },
      ...{ secret: unwanted, clusterId: unwanted, close: unwanted },
    },
    scope: {
      namespace: 'shop',
      sinks: { objects: [...objects.values()], unreadable: [] },
      accounts: { objects: [], unreadable: [] },
    },
    plannedWith: fakeOpener(twilio),
    accounts: fakeOpener(twilio),
    waitOptions: { within: 0, monotonic: () => 0, pause: unwanted },
    tell: (line) => void told.push(line),
  }
  return { release, twilio, objects, writes, told }
}

function activeSink({ name, accountSid, annotations = {} }: FakeSink, at: number): Sink {
  return Sink.parse({
    metadata: {
      ...{ name, namespace: 'shop', uid: name, resourceVersion: '1', generation: 1, annotations },
      ...{ creationTimestamp: '2026-01-01T00:00:00Z', finalizers: [FINALIZER] },
    },
    spec: { description: name, webhook: { destination: 'https://a.example.com' } },
    status: { accountSid, sid: `DG${String(at).padStart(32, '0')}`, createAttempt: 1 },
  })
}

function place(
  twilio: FakeTwilio | undefined,
  { namespace, name }: Sink['metadata'],
  { sid = '' }: Sink['status'],
): void {
  const mark = { installation: RELEASED_INSTALLATION, object: objectPart(`${namespace}/${name}`), number: 1 }
  twilio?.sinks.set(sid, {
    ...{ sid, description: markedDescription(name, mark), sinkType: 'webhook', status: 'active' },
    ...{ configuration: {}, dateCreated: '', dateUpdated: '', url: '' },
  })
}

function fakeOpener(twilio: ReadonlyMap<string, FakeTwilio>): AccountOpener {
  const opened = new Map<string, OpenAccount>()
  return {
    open: async ({ status: { accountSid = '' } }) => {
      const account = opened.get(accountSid) ?? (await openAccount(accountSid, twilio.get(accountSid)))
      opened.set(accountSid, account)
      return { ok: true, account }
    },
    opened: () => [...opened.values()],
  }
}

async function openAccount(accountSid: string, twilio: FakeTwilio = fakeTwilio()): Promise<OpenAccount> {
  const api = twilio.connect({ name: accountSid }, { username: '', password: '' })
  const sinks = new Map((await api.listSinks()).sinks.map((sink) => [sink.sid, sink]))
  const proof = { key: accountSid, digest: keyDigest(accountSid), proven: true, waitedFor: new Set<string>() }
  return { accountSid, installation: RELEASED_INSTALLATION, ...proof, sinks, api }
}

function liveSinks(objects: Map<string, Sink>, writes: string[]): LiveObjects<Sink> {
  const put = (sink: Sink, written: string): Sink => {
    writes.push(`${written} ${sink.metadata.name}`)
    objects.set(sink.metadata.name, sink)
    return sink
  }
  const nameOf = ({ metadata }: Sink): string => metadata.name
  return {
    list: async () => ({ objects: [...objects.values()], unreadable: [] }),
    read: async (sink) => objects.get(nameOf(sink)),
    patch: async (sink, operations) =>
      put(Sink.parse(patched(objects.get(nameOf(sink)) ?? sink, operations)), 'patch'),
    remove: async (sink) => {
      writes.push(`remove ${nameOf(sink)}`)
      objects.delete(nameOf(sink))
      return undefined
    },
  }
}
