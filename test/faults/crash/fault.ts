import { until } from '../../rigs/until.ts'
import type { Exchange } from '../../rigs/proxy/exchange.ts'
import type { LineAction, RequestAction } from '../../rigs/proxy/rule.ts'
import type { Lane, LaneReplica } from './lane.ts'

/** A request, or a line of a watch, of a scenario: the so many-th of this name since the act began. */
export interface Item {
  readonly name: string
  readonly ordinal: number
}

export interface Target {
  readonly lane: Lane
  /** The one that acts. */
  readonly replica: LaneReplica
  readonly item: Item
}

/** A fault that waits for its request. */
export interface Injection {
  /** The traffic was changed. */
  readonly struck: Promise<Exchange>
  /** Resolves when the operator has had the time to notice, after `struck`. */
  recovered(exchange: Exchange): Promise<void>
  disarm(): void
}

export interface CrashFault {
  readonly name: string
  /** For people. */
  readonly says: string
  /** Operators that share a lease; default one, which leads without. */
  readonly replicas?: 2
  readonly appliesTo: (request: string, scenario: string) => boolean
  readonly inject: (target: Target) => Injection
}

export const isLine = (name: string): boolean => name.includes(':EVENT:')
export const isWatch = (name: string): boolean => name.includes(':WATCH:')
export const isKubernetes = (name: string): boolean => name.startsWith('kubernetes:')
export const isWrite = (name: string): boolean => /:(?:POST|PUT|PATCH|DELETE|CREATE|UPDATE):/u.test(name)

const LONGEST_RECOVERY_MS = 45_000

type Effect = (exchange: Exchange) => void
type Recovered = (target: Target, exchange: Exchange) => Promise<void>

export const atOnce: Recovered = () => Promise.resolve()

/** For what the operator gives up only after a time of its own. */
export const whenGivenUp: Recovered = async (_, exchange) => {
  await until(`${exchange.name} is given up`, () => exchange.over, LONGEST_RECOVERY_MS)
}

/** For what reaches its server late. */
export const whenProcessed: Recovered = async (_, exchange) => {
  await until(
    `${exchange.name} is processed`,
    () => exchange.upstreamStatus !== undefined,
    LONGEST_RECOVERY_MS,
  )
}

/** A watch of this resource begins. */
export const whenWatchedAgain: Recovered = async ({ replica, item }, { sequence }) => {
  const name = item.name.replace(/:(?:EVENT|WATCH):/u, ':WATCH:')
  await until(`a new ${name}`, () => seenSince(replica, name, sequence), LONGEST_RECOVERY_MS)
}

/** A new process watches and has looked at Twilio. */
export const whenStartedAgain: Recovered = async ({ replica }, { sequence }) => {
  for (const name of ['kubernetes:WATCH:sinks', 'twilio:LIST:Sinks'])
    await until(`${name} of a new process`, () => seenSince(replica, name, sequence), LONGEST_RECOVERY_MS)
}

export const seenSince = ({ proxy }: LaneReplica, name: string, sequence: number): boolean =>
  proxy.log().some((one) => one.name === name && one.sequence > sequence)

export function strikeRequest(
  target: Target,
  action: RequestAction,
  recovered: Recovered,
  then?: Effect,
): Injection {
  const { name, ordinal } = target.item
  const rule = { match: { name }, after: ordinal - 1, action, ...(then && { then }) }
  const armed = target.replica.proxy.onRequest(rule)
  return {
    struck: armed.struck,
    recovered: (exchange) => recovered(target, exchange),
    disarm: () => armed.disarm(),
  }
}

export function strikeLine(
  target: Target,
  action: LineAction,
  recovered: Recovered,
  then?: Effect,
): Injection {
  const { name, ordinal } = target.item
  const rule = { match: { name }, after: ordinal - 1, action, ...(then && { then }) }
  const armed = target.replica.proxy.onLine(rule)
  return {
    struck: armed.struck,
    recovered: (exchange) => recovered(target, exchange),
    disarm: () => armed.disarm(),
  }
}
