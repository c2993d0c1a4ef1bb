import type { Logger } from '../observability/logger.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { ReconcileObserver } from '../reconciler/context.ts'

/** The audit line: one per reconcile that did or wrote something. */
export function createReconcileLog(log: Logger, metrics: Metrics): ReconcileObserver {
  return {
    reconciled: (report, resourceVersion) => {
      metrics.reconciled(report)
      const { status, events, failure, ...line } = report
      const quiet = report.effect === 'none' && status === undefined && failure === undefined
      const fields = {
        ...line,
        resourceVersion,
        wrote: status !== undefined,
        failure: failure && { ...failure, message: failure.message },
      }
      if (quiet) log.debug(fields, 'Reconciled')
      else log.info(fields, 'Reconciled')
    },
    statusWritten: (result) => metrics.statusWritten(result),
    log: (level, fields, message) => log[level](fields, message),
  }
}
