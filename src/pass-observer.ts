import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import type { PassObserver } from './reconciler/surroundings.ts'

/** The audit line: one per pass that did or wrote something. */
export function passObserver(log: Logger, metrics: Metrics): PassObserver {
  return {
    passed: (report, resourceVersion) => {
      metrics.reconciled(report)
      const { status, events, failure, ...line } = report
      const quiet = report.effect === 'none' && status === undefined && failure === undefined
      const fields = {
        ...line,
        resourceVersion,
        wrote: status !== undefined,
        failure: failure && { ...failure, message: failure.message },
      }
      if (quiet) log.debug(fields, 'Pass')
      else log.info(fields, 'Pass')
    },
    statusWritten: (result) => metrics.statusWritten(result),
    log: (level, fields, message) => log[level](fields, message),
  }
}
