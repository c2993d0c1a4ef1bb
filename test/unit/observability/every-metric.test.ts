import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createMetrics, type Metrics } from '../../../src/observability/metrics.ts'

/** A metric that is described and that nothing feeds looks as if nothing ever happened. */

const ROOT = join(import.meta.dirname, '../../..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

type Hook = Exclude<keyof Metrics, 'text' | 'contentType' | 'described'>

const condition = { type: 'Ready', reason: 'Active' }
const account = {
  name: 'a/x',
  owned: 1,
  foreign: 1,
  unownedMarked: 1,
  unmarked: 1,
  limit: 100,
  lastPollAt: 5_000,
  credentialsValid: true,
  changesHeld: true,
  conditions: [condition],
}
const sink = {
  namespace: 'a',
  ready: 'False',
  unused: true,
  duplicate: true,
  account: 'a/x',
  conditions: [condition],
  deletionBlocked: { reason: 'SinkInUse', since: 0 },
} as const
const event = (reason: 'SinkCreated' | 'DescriptionUpdated') =>
  ({ type: 'Normal', reason, note: '' }) as const

/** What the operator calls, each with something to tell. A new hook does not compile without its line. */
const HOOKS: Readonly<Record<Hook, (metrics: Metrics) => void>> = {
  leading: (own) => own.leading(true),
  leaseReadAnew: (own) => own.leaseReadAnew(),
  competingCreate: (own) => own.competingCreate(),
  missingFields: (own) => own.missingFields({ needed: ['x'], others: [] }),
  controllerObserver: (own) => {
    const observer = own.controllerObserver('sink', 8)
    observer.reconcileEnded?.('a/b', 'error', 5)
    observer.reconcileThrew?.('a/b', new Error('x'))
    observer.reconcileOverdue?.('a/b')
    observer.workersBusy?.(1)
  },
  queueObserver: (own) => {
    const queue = own.queueObserver('sink')
    queue.added?.()
    queue.retried?.()
    queue.waited?.(5)
    queue.worked?.(5)
  },
  watchQueue: (own) =>
    own.watchQueue('sink', () => ({
      depth: { high: 1, low: 1 },
      delayed: 1,
      unfinishedWorkSeconds: 1,
      longestRunningSeconds: 1,
    })),
  kubernetesCalls: (own) => own.kubernetesCalls({ method: 'GET', host: 'h', code: '200', ms: 5 }),
  listWatch: (own) => {
    const watch = own.listWatch('sinks')
    watch.heard?.()
    watch.restarted?.('ended')
  },
  twilioCalls: (own) =>
    own.twilioCalls({
      account: 'a/x',
      operation: 'ListSink',
      durationMs: 5,
      status: 429,
      code: 20429,
      throttled: true,
    }),
  accountGone: (own) => own.accountGone('another/account'),
  reconciled: (own) =>
    own.reconciled(
      {
        uid: 'uid',
        events: [event('SinkCreated'), event('DescriptionUpdated')],
        trouble: { condition: 'Ready', reason: 'CreateRefused', message: '', stalled: true },
        life: { age: 5_000, isNew: true, becomesReady: true, deletedAfter: 5_000 },
      },
      { isNews: true },
    ),
  statusWritten: (own) => own.statusWritten('written'),
  collectFrom: (own) =>
    own.collectFrom({
      sinks: () => [sink],
      accounts: () => [account],
      inFlight: () => new Map([['a/x', 1]]),
      unreadNamespaces: () => ['b'],
      now: () => 60_000,
    }),
}

/** The metrics with a sample above 0; of a histogram, its count. */
async function fedIn(own: Metrics): Promise<ReadonlySet<string>> {
  const samples = (await own.text()).matchAll(/^(\w+?)(?:_count)?(?:\{.*\})? (?!0$)\S+$/gmu)
  return new Set([...samples].map(([, name = '']) => name))
}

const names = (own: Metrics): readonly string[] => own.described().map(({ name }) => name)

describe('every metric', () => {
  test('of docs/metrics.md is one that the operator makes, and the other way round', () => {
    const described = [...read('docs/metrics.md').matchAll(/^\| `(\w+)` \|/gmu)].map(([, name]) => name)
    expect(described).toEqual(names(createMetrics({ version: '', nodeVersion: '' })))
  })

  test('shows what its hook is told', async () => {
    const own = createMetrics({ version: '', nodeVersion: '' })
    const before = await fedIn(own)
    expect(names(own).filter((name) => before.has(name))).toEqual(['twilio_operator_build_info'])
    for (const tell of Object.values(HOOKS)) tell(own)
    const fed = await fedIn(own)
    expect(names(own).filter((name) => !fed.has(name))).toEqual([])
  })

  test.each(Object.keys(HOOKS))('has a hook that the operator calls: %s', (hook) => {
    const sources = globSync(['src/operator/*.ts', 'src/commands/**/*.ts', 'src/main.ts'], { cwd: ROOT })
    const uses = sources.filter((path) => new RegExp(`\\bmetrics\\.${hook}\\b`, 'u').test(read(path)))
    expect(uses.length).toBeGreaterThan(0)
  })
})
