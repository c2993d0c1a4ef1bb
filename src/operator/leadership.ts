import { randomUUID } from 'node:crypto'
import { pause, systemClock, systemTimers } from '../time/clock.ts'
import { aborted } from '../time/waiting.ts'
import { createSoleLeader, LeaseElector, type Elector } from '../leader-election/elector.ts'
import { requestMs } from '../leader-election/lease-requests.ts'
import type { LossReason } from '../leader-election/lease-term.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import type { Logger } from '../observability/logger.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { Options } from '../options/options.ts'
import { KubernetesFailure } from '../reconciler/ports.ts'

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
  return new LeaseElector({
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

/** What a leader runs, and how that ends. */
export interface LeaderCallbacks {
  /** Takes in no more when `ended` does; resolves when the reconciles have ended, or to false when some have not in time. */
  run(ended: AbortSignal): Promise<boolean>
  /** Gives up what waits for Twilio and what reads from it, so that the reconciles end; writes in flight go on. */
  endReads(): void
  /** Ends what waits for Twilio and what reads from it; resolves when the writes in flight have ended. */
  closeTwilio(): Promise<void>
  /** Sends the events that are left; never rejects. */
  flushEvents(): Promise<void>
}

/** After a loss everything ends within this, the process too; milliseconds. */
const LONGEST_AFTER_LOSS = 4_000

/**
 * Works from the beginning of leadership to its end. `stop` ends it in order: what is no write is given up, and it steps
 * down when the last reconcile and the last write at Twilio have ended, and not at all if one does not. Rejects with
 * `LeadershipLost` a few seconds after a loss: reads are given up, a write in flight may finish and be recorded.
 */
export async function runAsLeader(
  elector: Elector,
  callbacks: LeaderCallbacks,
  stop: AbortSignal,
  longestAfterLoss = LONGEST_AFTER_LOSS,
): Promise<void> {
  const { lost } = elector
  const closeTwilio = once(() => callbacks.closeTwilio())
  const inOrder = async (): Promise<void> => {
    const ended = AbortSignal.any([stop, lost])
    void aborted(ended).then(() => callbacks.endReads())
    const allEnded = await callbacks.run(ended)
    await closeTwilio()
    if (allEnded) await elector.stepDown()
    await callbacks.flushEvents()
  }
  const atOnce = async (): Promise<void> => {
    await aborted(lost)
    // `inOrder` waits for it as well and hears of a failure.
    void closeTwilio().catch(() => undefined)
    await pause(longestAfterLoss)
  }
  await Promise.race([inOrder(), atOnce()])
  if (lost.aborted) throw new LeadershipLost(lost.reason)
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => (done ??= work())
}
