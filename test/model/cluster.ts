import type { Sink } from '../../src/api/sink.ts'
import type { TwilioAccount } from '../../src/api/twilio-account.ts'
import type { JsonPatchOperation } from '../../src/reconciler/ports.ts'
import type { ModelReply } from './input.ts'
import { patched } from './json-patch.ts'
import { leaving } from './stored.ts'
import type { ClusterState, OperatorState, State } from './state.ts'

/** Stores an object, or takes it away, under the next version; every watch tells of it. */
export function put(state: State, where: string, key: string, object: Sink | undefined): State {
  const old = clusterIn(state, where)
  const version = (old.versions[key] ?? 0) + 1
  const { [key]: before, ...others } = old.sinks
  const stored = object && {
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(version) },
  }
  const sinks = stored === undefined ? others : { ...others, [key]: stored }
  const cluster = { ...old, sinks, versions: { ...old.versions, [key]: version } }
  const born = before === undefined
  const news = { of: 'sink', key, version, object: stored, origin: 'watch', born } as const
  return told(withCluster(state, where, cluster), where, news)
}

export function putAccount(state: State, where: string, key: string, account: TwilioAccount): State {
  const old = clusterIn(state, where)
  const version = (old.versions[`account ${key}`] ?? 1) + 1
  const object = { ...account, metadata: { ...account.metadata, resourceVersion: String(version) } }
  const accounts = { ...old.accounts, [key]: object }
  const cluster = { ...old, accounts, versions: { ...old.versions, [`account ${key}`]: version } }
  const news = { of: 'account', key, version, object, origin: 'watch', born: false } as const
  return told(withCluster(state, where, cluster), where, news)
}

type News = OperatorState['feed'][number]

export const clusterIn = (state: State, where: string): ClusterState => state.clusters[where] as ClusterState

export const withCluster = (state: State, where: string, cluster: ClusterState): State => ({
  ...state,
  clusters: { ...state.clusters, [where]: cluster },
})

function told(state: State, where: string, news: News): State {
  const operators = Object.fromEntries(
    Object.entries(state.operators).map(([name, operator]) => [
      name,
      operator.installation === where
        ? { ...operator, feed: [...withoutOlder(operator.feed, news), news] }
        : operator,
    ]),
  )
  return { ...state, operators }
}

/** A watch that has fallen behind may skip versions of one object, and never its removal. */
function withoutOlder(feed: OperatorState['feed'], news: News): OperatorState['feed'] {
  const last = feed.at(-1)
  const same = last?.of === news.of && last.key === news.key && !last.born
  return same && last.object !== undefined && news.object !== undefined ? feed.slice(0, -1) : feed
}

/** What the API server does with a patch of ours. */
export function patchSink(
  state: State,
  where: string,
  key: string,
  operations: readonly JsonPatchOperation[],
): { readonly state: State; readonly reply: ModelReply } {
  const stored = clusterIn(state, where).sinks[key]
  if (stored === undefined) return { state, reply: { failure: 'not-found' } }
  const object = patched(stored, operations)
  if (object === 'conflict') return { state, reply: { failure: 'conflict' } }
  if (isForbidden(stored, object)) return { state, reply: { failure: 'invalid' } }
  if (JSON.stringify(object) === JSON.stringify(stored)) return { state, reply: { value: stored } }
  const after = put(state, where, key, leaving(object) ? undefined : object)
  const version = String(clusterIn(after, where).versions[key])
  return {
    state: after,
    reply: { value: { ...object, metadata: { ...object.metadata, resourceVersion: version } } },
  }
}

/** The transition rules of the CRD, as far as the worlds touch them. */
export function isForbidden(before: Sink, after: Sink): boolean {
  const { sid, accountSid } = after.status
  const wished = after.spec.import?.sid
  if (wished !== undefined && sid !== undefined && wished !== sid) return true
  const moved = before.spec.accountRef?.name !== after.spec.accountRef?.name
  return moved && accountSid !== undefined
}

/** A change by a person or another controller: undefined where the API server refuses it. */
export function edited(
  state: State,
  where: string,
  key: string,
  change: (sink: Sink) => Sink,
): State | undefined {
  const before = clusterIn(state, where).sinks[key]
  if (before === undefined) return undefined
  const after = change(before)
  if (isForbidden(before, after)) return undefined
  const isSpec = JSON.stringify(before.spec) !== JSON.stringify(after.spec)
  const generation = before.metadata.generation + (isSpec ? 1 : 0)
  const object = { ...after, metadata: { ...after.metadata, generation } }
  return put(state, where, key, leaving(object) ? undefined : object)
}
