import { setTimeout as sleep } from 'node:timers/promises'
import { NotSeen, until } from '../../rigs/until.ts'
import type { Exchange } from '../../rigs/proxy/exchange.ts'
import {
  isLine,
  isWatch,
  seenSince,
  strikeLine,
  strikeRequest,
  type CrashFault,
  type Injection,
  type Target,
} from './fault.ts'
import type { LaneReplica } from './lane.ts'

const TAKEOVER_WITHIN_MS = 20_000
const EXIT_WITHIN_MS = 8_000
/** The new leader is given some time to act before the old one comes back. */
const HEAD_START_MS = 300

const isCall = (name: string): boolean => !isWatch(name) && !isLine(name)
/** There the leader is being replaced as it is, and the requests come from several processes. */
const hasOneLeader = (scenario: string): boolean => scenario !== 'upgrade-restart'

const other = ({ lane, replica }: Target): LaneReplica =>
  lane.replicas.find((one) => one !== replica) ?? replica

async function whenTakenOver(target: Target, { at }: Exchange): Promise<void> {
  const { proxy } = other(target)
  const leads = (): boolean => proxy.log().some((one) => one.name === 'twilio:LIST:Sinks' && one.at > at)
  await until('a takeover', leads, TAKEOVER_WITHIN_MS)
  await sleep(HEAD_START_MS)
}

const MUTATING = /^twilio:(?:CREATE|UPDATE|DELETE):/u

/** Lets the frozen leader go on: it must change nothing at Twilio any more, and end. */
async function whenReturned(target: Target, injection: { release(): void }): Promise<void> {
  const { proxy, operator } = target.replica
  const resumed = performance.now()
  const losses = operator.losses()
  operator.resume()
  injection.release()
  await until('the end of the former leader', () => operator.losses() > losses, EXIT_WITHIN_MS)
  const late = proxy.log().filter(({ name, at }) => at > resumed && MUTATING.test(name))
  if (late.length > 0) throw new NotSeen(`The former leader sent ${late.map(({ name }) => name).join(', ')}`)
  const isBack = (): boolean =>
    proxy.log().some(({ name, at }) => name === 'kubernetes:WATCH:sinks' && at > resumed)
  await until('the former leader as a standby', isBack, TAKEOVER_WITHIN_MS)
}

/** SIGSTOP at the strike; SIGCONT when another leads. */
function freeze(target: Target, begin: (then: () => void) => Injection): Injection {
  const { operator } = target.replica
  const losses = operator.losses()
  const injection = begin(() => operator.pause())
  return {
    ...injection,
    recovered: async (exchange) => {
      await whenTakenOver(target, exchange)
      // Of a machine with too much to do; that a leader is frozen is what this fault is for, so it is played again.
      if (operator.losses() > losses) throw new Error('The leader had lost its Lease before it was frozen')
      await whenReturned(target, { release: () => injection.disarm() })
    },
    disarm: () => {
      injection.disarm()
      operator.resume()
    },
  }
}

const nothingMore = (): Promise<void> => Promise.resolve()

export const TAKEOVERS: readonly CrashFault[] = [
  {
    name: 'freeze-processed',
    says: 'SIGSTOP after it was processed, or before the line comes; another leads; then the answer, and SIGCONT',
    replicas: 2,
    appliesTo: (name, scenario) => !isWatch(name) && hasOneLeader(scenario),
    inject: (target) =>
      freeze(target, (then) =>
        isLine(target.item.name)
          ? strikeLine(target, { kind: 'hold' }, nothingMore, then)
          : strikeRequest(target, { kind: 'hold', phase: 'after' }, nothingMore, then),
      ),
  },
  {
    name: 'freeze-answered',
    says: 'SIGSTOP after the answer; another leads; then SIGCONT',
    replicas: 2,
    appliesTo: (name, scenario) => isCall(name) && hasOneLeader(scenario),
    inject: (target) => freeze(target, (then) => strikeRequest(target, { kind: 'note' }, nothingMore, then)),
  },
  {
    name: 'kill-takeover',
    says: '`kill -9` after it was processed and before its answer; another leads',
    replicas: 2,
    appliesTo: (name, scenario) => isCall(name) && hasOneLeader(scenario),
    inject: (target) => {
      const { operator } = target.replica
      const injection = strikeRequest(target, { kind: 'hold', phase: 'after' }, nothingMore, () =>
        operator.kill(),
      )
      return {
        ...injection,
        recovered: async (exchange) => {
          await whenTakenOver(target, exchange)
          operator.start()
          await until('the standby', () =>
            seenSince(target.replica, 'kubernetes:WATCH:sinks', exchange.sequence),
          )
        },
        disarm: () => {
          injection.disarm()
          void operator.ended().then(() => operator.start())
        },
      }
    },
  },
]
