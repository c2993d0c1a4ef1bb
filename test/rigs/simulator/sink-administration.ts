import { z } from 'zod'
import { isoSeconds } from './operation.ts'
import type { AccountStore, SinkRecord, SubscriptionRecord } from './store.ts'
import type { World } from './world.ts'

/** A sink as it is stored, secrets in clear: the truth that tests compare with. */
export interface SinkView {
  readonly account: string
  readonly sid: string
  readonly description: string
  readonly sinkType: string
  readonly configuration: Readonly<Record<string, unknown>>
  readonly status: string
  /** The id that the newest test event carries; the API never returns it. */
  readonly testId: string | null
  readonly dateCreated: string
  readonly dateUpdated: string
  readonly subscriptions: readonly string[]
}

export interface SubscriptionView {
  readonly account: string
  readonly sid: string
  readonly sinkSid: string
  readonly description: string
  readonly types: SubscriptionRecord['types']
}

/** A change made outside the API; any word goes. */
export const SinkChange = z.strictObject({
  status: z.string().exactOptional(),
  description: z.string().exactOptional(),
  sinkType: z.string().exactOptional(),
  configuration: z.record(z.string(), z.unknown()).exactOptional(),
})
export type SinkChange = z.infer<typeof SinkChange>

export function showSinks(world: World): SinkView[] {
  return world
    .stores()
    .flatMap(([account, store]) => store.sinks.values().map((sink) => view(account, store, sink)))
}

/** `undefined` when no account has the sink. */
export function changeSink(world: World, sid: string, change: unknown): SinkView | undefined {
  const parsed = SinkChange.parse(change)
  const found = find(world, sid)
  return found && view(found.account, found.store, found.store.changeSink(found.sink, parsed))
}

/** Takes the sink away together with its subscriptions, which Twilio itself would never allow. */
export function removeSink(world: World, sid: string): boolean {
  const found = find(world, sid)
  if (!found) return false
  found.store.usersOf(sid).forEach((user) => found.store.subscriptions.delete(user))
  found.store.sinks.delete(sid)
  return true
}

export function showSubscriptions(world: World): SubscriptionView[] {
  return world.stores().flatMap(([account, store]) =>
    store.subscriptions.values().map(({ sid, sinkSid, description, types }) => {
      return { account, sid, sinkSid, description, types }
    }),
  )
}

function find(
  world: World,
  sid: string,
): { account: string; store: AccountStore; sink: SinkRecord } | undefined {
  const holder = world.stores().find(([, store]) => store.sinks.get(sid))
  const sink = holder?.[1].sinks.get(sid)
  return holder && sink && { account: holder[0], store: holder[1], sink }
}

function view(account: string, store: AccountStore, sink: SinkRecord): SinkView {
  const { sid, description, sinkType, configuration, status, testId } = sink
  return {
    account,
    sid,
    description,
    sinkType,
    configuration,
    status,
    testId,
    dateCreated: isoSeconds(sink.createdAt),
    dateUpdated: isoSeconds(sink.updatedAt),
    subscriptions: store.usersOf(sid),
  }
}
