import { expect, it } from 'vitest'
import { createLogger } from '../../../src/observability/logger.ts'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { createReconcileLog } from '../../../src/operator/controllers.ts'
import type { ReconcileObserver } from '../../../src/reconciler/context.ts'

type Report = Parameters<ReconcileObserver['reconciled']>[0]

const QUIET: Report = {
  key: 'shop/orders',
  uid: 'uid',
  generation: 1,
  state: 'Active',
  effect: 'none',
  outcome: 'none',
  status: undefined,
  events: [],
  next: { kind: 'change' },
  sid: undefined,
  failure: undefined,
  trouble: undefined,
  life: { age: 1_000, isNew: false, becomesReady: false, deletedAfter: undefined },
}
const STALLED = {
  condition: 'Ready',
  reason: 'OwnershipConflict',
  message: 'The sink belongs to the Sink shop/other; it is not touched.',
  stalled: true,
}
const WAITING = { condition: 'Ready', reason: 'CreateOutcomeUnknown', message: 'It waits.', stalled: false }

/** The lines at info and above of one reconcile. */
function linesOf(report: Partial<Report>, isNews = false): readonly Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = []
  const destination = {
    write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  }
  const log = createLogger({ level: 'info', destination })
  const observer = createReconcileLog(log, createMetrics({ version: '', nodeVersion: '' }))
  observer.reconciled({ ...QUIET, ...report }, { resourceVersion: '7', isNews })
  return lines
}

it('has the condition, its reason and its message, so that the log alone says why a Sink is not Ready', () => {
  const { stalled: _, ...why } = STALLED
  expect(linesOf({ trouble: STALLED }, true)).toMatchObject([
    { ...why, key: 'shop/orders', resourceVersion: '7' },
  ])
})

it('is a warning where time alone will not help, or a call has failed, and else no more than info', () => {
  const failure = { kind: 'refused', code: 91000, message: 'wrong' } as const
  expect(linesOf({ trouble: STALLED }, true)).toMatchObject([{ level: 'warn' }])
  expect(linesOf({ failure })).toMatchObject([{ level: 'warn', failure: { code: 91000 } }])
  expect(linesOf({ trouble: WAITING }, true)).toMatchObject([{ level: 'info' }])
  expect(linesOf({ effect: 'record' })).toMatchObject([{ level: 'info' }])
})

it('is not written at the usual level where all is as it was, trouble or none', () => {
  expect([...linesOf({}), ...linesOf({ trouble: STALLED })]).toEqual([])
})
