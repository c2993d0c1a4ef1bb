import { randomUUID } from 'node:crypto'
import { systemClock, systemTimers } from './time/clock.ts'
import { createElector, createSoleLeader, type Elector } from './leader-election/elector.ts'
import { requestMs } from './leader-election/lease-requests.ts'
import type { LossReason } from './leader-election/lease-term.ts'
import type { Cluster } from './kubernetes/cluster.ts'
import type { Logger } from './observability/logger.ts'
import type { Metrics } from './observability/metrics.ts'
import type { Options } from './options/options.ts'
import { KubernetesFailure } from './reconciler/ports.ts'

export interface LeadershipOptions {
  readonly options: Options
  readonly log: Logger
  readonly podName: string
  readonly metrics: Metrics
  readonly cluster: Pick<Cluster, 'lease'>
}

/** Of the Lease in the operator's own namespace: processes that share it are replicas of one installation. */
export const LEASE_NAME = 'twilio-sink-operator'

/** How this process comes to lead: by the Lease, or at once where `--leader-elect=false` says that it is alone. */
export function createLeadership(given: LeadershipOptions): Elector {
  const { options, log, podName, metrics, cluster } = given
  if (!options.leaderElect) return createSoleLeader()
  const { namespace } = options
  const lease = `${namespace}/${LEASE_NAME}`
  return createElector({
    store: cluster.lease({ namespace, name: LEASE_NAME, timeoutMs: requestMs(options) }),
    // A container that is started again has the name of the one before, whose lease it must not take for its own.
    identity: `${podName}_${randomUUID()}`,
    timing: options,
    clock: systemClock,
    timers: systemTimers,
    random: Math.random,
    observer: {
      waitsFor: (holder) => log.info({ lease, holder }, 'Another process leads; this one waits'),
      failed: (err) => log.warn({ lease, err }, troubleOf(err)),
      recovered: () => log.info({ lease }, 'The Lease can be read and written again'),
      slowPath: () => metrics.leaseReadAnew(),
    },
  })
}

/** What is wrong with the Lease, and what to do. */
function troubleOf(error: unknown): string {
  const kind = error instanceof KubernetesFailure ? error.kind : undefined
  if (kind === 'forbidden')
    return 'The Lease may not be read or written: this process needs get, watch and patch on it, and create on leases'
  if (kind === 'not-found')
    return 'The namespace of the Lease does not exist: create it, or name another one by --namespace'
  return 'The Lease cannot be read or written; retrying'
}

const REASONS: Readonly<Record<LossReason, string>> = {
  'renew-deadline': 'no renewal of the Lease was answered within --renew-deadline',
  stalled: 'this process stood still for more than half of --renew-deadline',
  taken: 'the Lease names another holder',
}

/** This process has led and must not go on; the kubelet, or what else started it, starts it again. */
export class LeadershipLost extends Error {
  constructor(reason: unknown) {
    const known = Object.entries(REASONS).find(([name]) => name === reason)
    super(`Leadership is lost: ${known?.[1] ?? 'for an unknown reason'}`)
    this.name = 'LeadershipLost'
  }
}
