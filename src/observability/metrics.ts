import { createCallMetrics, type CallMetrics } from './call-metrics.ts'
import { createControllerMetrics, type ControllerMetrics } from './controller-metrics.ts'
import { createInventoryGauges, type InventoryGauges } from './inventory-gauges.ts'
import { createInstruments, type InstrumentPanel, type Instruments } from './instruments.ts'
import { createSinkMetrics, type SinkMetrics } from './sink-metrics.ts'

/** Of the process as a whole. */
interface ProcessMetrics {
  /** Whether this process leads; not until told so. */
  leading(leads: boolean): void
  /** A renewal of the lease found it changed by somebody else. */
  leaseReadAnew(): void
  /** How many fields the CRDs in the cluster lack. */
  missingFields(missing: { readonly needed: readonly string[]; readonly others: readonly string[] }): void
  /** An operator of another namespace has begun a create for a Sink that this one reconciles, too. */
  competingCreate(): void
}

/** All that is counted. No label grows with the number of Sinks. Each method is a hook that MUST NOT throw. */
export interface Metrics
  extends
    ProcessMetrics,
    ControllerMetrics,
    CallMetrics,
    SinkMetrics,
    InventoryGauges,
    Pick<InstrumentPanel, 'text' | 'contentType' | 'described'> {}

export interface MetricsOptions {
  readonly version: string
  readonly nodeVersion: string
  readonly commit?: string
}

export function createMetrics({ version, nodeVersion, commit = '' }: MetricsOptions): Metrics {
  const panel = createInstruments()
  const build = panel.gauge(
    'twilio_operator_build_info',
    'Always 1; the labels name the version that runs.',
    'version',
    'commit',
    'node_version',
  )
  build.labels(version, commit, nodeVersion).set(1)
  return {
    ...leaderMetrics(panel),
    ...clusterMetrics(panel),
    ...createControllerMetrics(panel),
    ...createCallMetrics(panel),
    ...createSinkMetrics(panel),
    ...createInventoryGauges(panel),
    text: panel.text,
    contentType: panel.contentType,
    described: panel.described,
  }
}

/** Label `name` of both metrics: the name of the Lease. */
const LEASE = 'twilio-sink-operator'

function leaderMetrics(make: Instruments): Pick<ProcessMetrics, 'leading' | 'leaseReadAnew'> {
  const leader = make.gauge('leader_election_master_status', '1 while this process is the leader.', 'name')
  const slowPath = make.counter(
    'leader_election_slowpath_total',
    'Renewals for which the leader had to read the Lease again, because it had changed.',
    'name',
  )
  leader.labels(LEASE).set(0)
  slowPath.labels(LEASE).inc(0)
  return {
    leading: (leads) => leader.labels(LEASE).set(leads ? 1 : 0),
    leaseReadAnew: () => slowPath.labels(LEASE).inc(),
  }
}

function clusterMetrics(make: Instruments): Pick<ProcessMetrics, 'missingFields' | 'competingCreate'> {
  const competingCreates = make.counter(
    'twilio_operator_foreign_claims_total',
    'Creates that an operator in another namespace has begun for Sinks of this operator. Above 0 means that two installations watch the same Sinks.',
  )
  const missing = make.gauge(
    'twilio_operator_crd_missing_fields',
    'Fields of this version that are missing in the CustomResourceDefinitions of the cluster. While `needed` ones are missing, the operator creates nothing.',
    'needed',
  )
  for (const needed of ['true', 'false']) missing.labels(needed).set(0)
  return {
    missingFields: ({ needed, others }) => {
      missing.labels('true').set(needed.length)
      missing.labels('false').set(others.length)
    },
    competingCreate: () => competingCreates.inc(),
  }
}

export type { InventoryAccount, InventorySink, InventorySources } from './inventory-gauges.ts'
