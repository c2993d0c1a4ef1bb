import type { Logger } from './observability/logger.ts'
import type { Metrics } from './observability/metrics.ts'

/** The annotation that they are read from can be written by anybody. */
const MAX_REPORTED = 20

/** Logs once for each operator of another namespace that it reconciles the same objects, and counts its creates. */
export function reportCompetingInstallations(
  log: Logger,
  metrics: Metrics,
): (namespace: string, sink: string) => void {
  const told = new Set<string>()
  return (namespace, sink) => {
    metrics.competingCreate()
    if (told.has(namespace) || told.size >= MAX_REPORTED) return
    told.add(namespace)
    log.warn(
      { operator: namespace.slice(0, 63), sink },
      'A second operator, of another namespace, creates sinks for the objects that this one looks after: stop one of them, or give each its own --watch-namespaces',
    )
  }
}
