import type { ReconcileContext } from './context.ts'

/** By discovery a terminating kind shows with a delay: so long after a deletion was first seen it is trusted. */
const DISCOVERY_LAG = 10_000

/**
 * Taking the CRD away never takes sinks away. Milliseconds until it is known to stay, 0 when it is; undefined when it is
 * being deleted. `firstSeen`: monotonic, when this process first saw that the object leaves.
 */
export async function untilCrdStays(
  { cluster, clock }: ReconcileContext,
  firstSeen: () => number,
): Promise<number | undefined> {
  const { deleting, source } = await cluster.sinkCrd()
  if (deleting) return undefined
  return source === 'crd' ? 0 : Math.max(0, firstSeen() + DISCOVERY_LAG - clock.monotonic())
}
