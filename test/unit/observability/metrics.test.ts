import { describe, expect, test } from 'vitest'
import {
  createMetrics,
  type InventoryAccount,
  type Metrics,
  type InventorySink,
} from '../../../src/observability/metrics.ts'
import type { EventReason } from '../../../src/sink/report/events.ts'
import type { Life } from '../../../src/sink/report/report.ts'

const metrics = (): Metrics => createMetrics({ version: '1.2.3', nodeVersion: 'v24.0.0', commit: 'abc' })

/** The samples of one metric (or of a family, for histograms), as `labels value`. */
async function samples(of: Metrics, name: string): Promise<string[]> {
  const lines = (await of.text()).split('\n')
  return lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
}

/** Of a reconcile that has changed nothing. */
const LIFE: Life = { age: 0, isNew: false, becomesReady: false, deletedAfter: undefined }
const REPORT = { uid: 'uid', events: [], trouble: undefined, life: LIFE }
const OLD = { isNews: false }

const SINK: InventorySink = {
  namespace: 'a',
  ready: 'True',
  unused: false,
  duplicate: false,
  account: 'a/x',
  conditions: [],
}
const ACCOUNT: InventoryAccount = {
  name: 'a/x',
  owned: 3,
  foreign: 2,
  unownedMarked: 1,
  unmarked: 4,
  limit: 100,
  lastPollAt: 5_500,
  credentialsValid: true,
  changesHeld: false,
  conditions: [],
}

function collecting(
  sinks: InventorySink[],
  accounts: InventoryAccount[] = [],
  now = 0,
  unread: string[] = [],
): Metrics {
  const own = metrics()
  own.collectFrom({
    sinks: () => sinks,
    accounts: () => accounts,
    inFlight: () => new Map(accounts.map(({ name }) => [name, 2])),
    unreadNamespaces: () => unread,
    now: () => now,
  })
  return own
}

describe('from the start', () => {
  test('the build, the leader and the process are there', async () => {
    const own = metrics()
    const text = await own.text()
    expect(text).toContain(
      'twilio_operator_build_info{version="1.2.3",commit="abc",node_version="v24.0.0"} 1\n',
    )
    expect(text).toContain('leader_election_master_status{name="twilio-sink-operator"} 0\n')
    expect(text).toContain('leader_election_slowpath_total{name="twilio-sink-operator"} 0\n')
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds /mu)
    expect(text).toMatch(/^process_cpu_seconds_total /mu)
    expect(own.contentType).toContain('text/plain')
  })

  test('two in one process do not meet', () => {
    expect(() => [metrics(), metrics()]).not.toThrow()
  })

  test('counters stand at 0, so that the first one shows as an increase', async () => {
    const own = metrics()
    own.controllerObserver('sink', 8)
    own.queueObserver('sink')
    own.listWatch('sinks')
    const zero = async (name: string) => (await samples(own, name)).map((line) => line.split(' ')[1])
    expect(await zero('controller_runtime_reconcile_total')).toEqual(['0', '0', '0', '0'])
    expect(await zero('controller_runtime_reconcile_panics_total')).toEqual(['0'])
    expect(await zero('workqueue_adds_total')).toEqual(['0'])
    expect(await zero('twilio_operator_status_writes_total')).toEqual(['0', '0', '0'])
    expect(await zero('twilio_sink_create_outcomes_total')).toEqual(['0', '0', '0', '0', '0'])
    expect(await zero('twilio_sink_drift_total')).toEqual(['0', '0'])
    expect(new Set(await zero('kube_watch_restarts_total'))).toEqual(new Set(['0']))
    expect(await zero('controller_runtime_reconcile_time_seconds_count')).toEqual(['0'])
  })
})

describe('controllers', () => {
  test('count passes by result, and errors once more', async () => {
    const own = metrics()
    const observer = own.controllerObserver('sink', 8)
    for (const result of ['success', 'error', 'error'] as const) {
      observer.reconcileEnded?.('a/b', result, 1_500)
    }
    observer.workersBusy?.(1)
    observer.reconcileThrew?.('a/b', new Error('x'))
    observer.reconcileOverdue?.('a/b')
    const text = await own.text()
    expect(text).toContain('controller_runtime_reconcile_total{controller="sink",result="success"} 1')
    expect(text).toContain('controller_runtime_reconcile_total{controller="sink",result="error"} 2')
    expect(text).toContain('controller_runtime_reconcile_errors_total{controller="sink"} 2')
    expect(text).toContain('controller_runtime_reconcile_panics_total{controller="sink"} 1')
    expect(text).toContain('controller_runtime_reconcile_timeouts_total{controller="sink"} 1')
    expect(text).toContain('controller_runtime_active_workers{controller="sink"} 1')
    expect(text).toContain('controller_runtime_max_concurrent_reconciles{controller="sink"} 8')
    expect(text).toContain('controller_runtime_reconcile_time_seconds_sum{controller="sink"} 4.5')
    expect(text).not.toContain('a/b')
  })

  test('queues are asked at the scrape itself: what it shows is not from the scrape before', async () => {
    const own = metrics()
    let depth = 0
    own.watchQueue('sink', () => ({
      depth: { high: (depth += 1), low: 7 },
      delayed: 0,
      unfinishedWorkSeconds: depth * 10,
      longestRunningSeconds: depth * 5,
    }))
    const text = await own.text()
    expect(text).toContain('workqueue_depth{name="sink",controller="sink",priority="high"} 1')
    expect(text).toContain('workqueue_depth{name="sink",controller="sink",priority="low"} 7')
    expect(text).toContain('workqueue_unfinished_work_seconds{name="sink",controller="sink"} 10')
    expect(text).toContain('workqueue_longest_running_processor_seconds{name="sink",controller="sink"} 5')
  })

  test('queues count keys and how long they waited', async () => {
    const own = metrics()
    const queue = own.queueObserver('sink')
    queue.added?.()
    queue.retried?.()
    queue.waited?.(250)
    queue.worked?.(2_000)
    const text = await own.text()
    expect(text).toContain('workqueue_adds_total{name="sink",controller="sink"} 1')
    expect(text).toContain('workqueue_retries_total{name="sink",controller="sink"} 1')
    expect(text).toContain('workqueue_queue_duration_seconds_sum{name="sink",controller="sink"} 0.25')
    expect(text).toContain('workqueue_work_duration_seconds_sum{name="sink",controller="sink"} 2')
  })
})

describe('calls', () => {
  test('to the API server are counted by status, and their time by method', async () => {
    const own = metrics()
    own.kubernetesCalls({ method: 'PATCH', host: 'h:1', code: '200', ms: 30 })
    own.kubernetesCalls({ method: 'PATCH', host: 'h:1', code: '<error>', ms: 70 })
    const text = await own.text()
    expect(text).toContain('rest_client_requests_total{code="200",method="PATCH",host="h:1"} 1')
    expect(text).toContain('rest_client_requests_total{code="<error>",method="PATCH",host="h:1"} 1')
    expect(text).toContain('rest_client_request_duration_seconds_sum{verb="PATCH",host="h:1"} 0.1')
  })

  test('a watch shows when it last heard something and why it began again', async () => {
    const own = metrics()
    const watch = own.listWatch('sinks')
    watch.heard?.()
    watch.restarted?.('expired')
    const [heard = ''] = await samples(own, 'kube_watch_last_event_timestamp_seconds')
    expect(Math.abs(Number(heard.split(' ')[1]) - Date.now() / 1000)).toBeLessThan(60)
    expect(await own.text()).toContain('kube_watch_restarts_total{resource="sinks",reason="expired"} 1')
  })

  test('to Twilio are counted by account, operation and status; without an answer it is `none`', async () => {
    const own = metrics()
    const call = { account: 'a/x', operation: 'CreateSink', durationMs: 500, throttled: false } as const
    own.twilioCalls({ ...call, status: 201 })
    own.twilioCalls(call)
    own.twilioCalls({ ...call, status: 429, code: 20429, throttled: true })
    const requests = 'twilio_api_requests_total{account="a/x",operation="CreateSink"'
    const text = await own.text()
    for (const code of ['201', 'none', '429']) expect(text).toContain(`${requests},code="${code}"} 1`)
    expect(text).toContain('twilio_api_errors_total{operation="CreateSink",twilio_code="20429"} 1')
    expect(text).toContain('twilio_api_throttled_total{account="a/x"} 1')
    expect(text).toContain('twilio_api_request_duration_seconds_sum{operation="CreateSink"} 1.5')
  })
})

test('series of 2,000 accounts go with the accounts, and those of another one stay', async () => {
  const own = metrics()
  const call = { operation: 'ListSink', status: 200, durationMs: 1, throttled: false } as const
  const series = async (): Promise<string[]> =>
    (await own.text()).split('\n').filter((line) => line.includes('account="'))
  own.twilioCalls({ ...call, account: 'stays/x' })
  const before = await series()
  const names = Array.from({ length: 2_000 }, (_, index) => `preview-${index}/default`)
  for (const account of names) {
    own.twilioCalls({ ...call, account })
    own.twilioCalls({ account, operation: 'CreateSink', durationMs: 1, throttled: false })
  }
  expect(await series()).toHaveLength(before.length + 3 * names.length)
  for (const account of names) own.accountGone(account)
  expect(await series()).toEqual(before)
  own.accountGone('never/there')
  expect(await series()).toEqual(before)
})

test('error codes make a bounded number of series, whatever answers in the place of Twilio', async () => {
  const own = metrics()
  const call = {
    account: 'a/x',
    operation: 'CreateSink',
    durationMs: 1,
    status: 400,
    throttled: false,
  } as const
  for (let code = 1; code <= 200; code += 1) own.twilioCalls({ ...call, code })
  own.twilioCalls({ ...call, code: 1 })
  const series = await samples(own, 'twilio_api_errors_total')
  expect(series).toHaveLength(51)
  expect(series).toContain('twilio_api_errors_total{operation="CreateSink",twilio_code="1"} 2')
  expect(series).toContain('twilio_api_errors_total{operation="CreateSink",twilio_code="other"} 150')
})

describe('passes', () => {
  test.each<[EventReason, string]>([
    ['SinkCreated', 'twilio_sink_create_outcomes_total{outcome="created"}'],
    ['SinkAdopted', 'twilio_sink_create_outcomes_total{outcome="adopted"}'],
    ['CreateOutcomeUnknown', 'twilio_sink_create_outcomes_total{outcome="unknown"}'],
    ['Ambiguous', 'twilio_sink_create_outcomes_total{outcome="ambiguous"}'],
    ['CreateRefused', 'twilio_sink_create_outcomes_total{outcome="refused"}'],
    ['QuotaExceeded', 'twilio_sink_create_outcomes_total{outcome="refused"}'],
    ['DescriptionUpdated', 'twilio_sink_drift_total{action="corrected"}'],
    ['UpdateNotSticking', 'twilio_sink_drift_total{action="not_sticking"}'],
  ])('that announce %s count there, once', async (reason, series) => {
    const own = metrics()
    own.reconciled({ ...REPORT, events: [{ type: 'Normal', reason, note: '' }] }, OLD)
    own.reconciled(REPORT, OLD)
    expect(await own.text()).toContain(`${series} 1\n`)
  })

  test('that make a new Sink Ready tell how long it took, once for each object', async () => {
    const own = metrics()
    const life = (by: Partial<Life>, uid = 'uid') =>
      own.reconciled({ ...REPORT, uid, life: { ...LIFE, ...by } }, OLD)
    life({ isNew: true, age: 100 })
    life({ becomesReady: true, age: 2_500 })
    life({ becomesReady: true, age: 9_000_000 })
    life({ isNew: true, becomesReady: true, age: 40_000 }, 'another')
    expect(await samples(own, 'twilio_sink_time_to_ready_seconds_count')).toEqual([
      'twilio_sink_time_to_ready_seconds_count 2',
    ])
    expect(await own.text()).toContain('twilio_sink_time_to_ready_seconds_sum 42.5\n')
    expect(await own.text()).toContain('twilio_sink_time_to_ready_seconds_bucket{le="5"} 1\n')
  })

  test('do not take the time of an outage, or of another process, for that of a new Sink', async () => {
    const own = metrics()
    own.reconciled({ ...REPORT, life: { ...LIFE, becomesReady: true, age: 9_000_000 } }, OLD)
    expect(await own.text()).toContain('twilio_sink_time_to_ready_seconds_count 0\n')
  })

  test('remember a bounded number of new Sinks, the latest ones', async () => {
    const own = metrics()
    const count = 10_001
    for (let index = 0; index < count; index += 1)
      own.reconciled({ ...REPORT, uid: String(index), life: { ...LIFE, isNew: true } }, OLD)
    for (let index = 0; index < count; index += 1)
      own.reconciled({ ...REPORT, uid: String(index), life: { ...LIFE, becomesReady: true } }, OLD)
    expect(await own.text()).toContain('twilio_sink_time_to_ready_seconds_count 10000\n')
  })

  test('that remove a finalizer tell how long the deletion took, also one of hours', async () => {
    const own = metrics()
    own.reconciled({ ...REPORT, life: { ...LIFE, deletedAfter: 7_200_000 } }, OLD)
    own.reconciled({ ...REPORT, life: { ...LIFE, isNew: true, deletedAfter: 500 } }, OLD)
    own.reconciled(REPORT, OLD)
    const text = await own.text()
    expect(text).toContain('twilio_sink_deletion_seconds_sum 7200.5\n')
    expect(text).toContain('twilio_sink_deletion_seconds_bucket{le="1"} 1\n')
    expect(text).toContain('twilio_sink_deletion_seconds_bucket{le="14400"} 2\n')
  })

  test('that find what only a person can fix count as terminal errors, while it is news', async () => {
    const own = metrics()
    const trouble = { condition: 'Ready', reason: 'CreateRefused', message: '', stalled: true }
    own.reconciled({ ...REPORT, trouble }, { isNews: true })
    own.reconciled({ ...REPORT, trouble }, OLD)
    own.reconciled({ ...REPORT, trouble: { ...trouble, stalled: false } }, { isNews: true })
    own.reconciled({ ...REPORT, trouble: { ...trouble, condition: 'DeletionBlocked' } }, { isNews: true })
    expect(await samples(own, 'controller_runtime_terminal_reconcile_errors_total')).toEqual([
      'controller_runtime_terminal_reconcile_errors_total{controller="sink"} 1',
    ])
  })

  test('status writes count by result', async () => {
    const own = metrics()
    own.statusWritten('conflict')
    expect(await own.text()).toContain('twilio_operator_status_writes_total{result="conflict"} 1')
  })
})

describe('gauges of Sinks and accounts', () => {
  test('Sinks are counted by namespace, status and Ready', async () => {
    const active: InventorySink = { ...SINK, sinkStatus: 'active' }
    const own = collecting([active, active, { ...active, ready: 'False' }, SINK, { ...SINK, namespace: 'b' }])
    expect(await samples(own, 'twilio_sink_objects')).toEqual([
      'twilio_sink_objects{namespace="a",sink_status="active",ready="True"} 2',
      'twilio_sink_objects{namespace="a",sink_status="active",ready="False"} 1',
      'twilio_sink_objects{namespace="a",sink_status="none",ready="True"} 1',
      'twilio_sink_objects{namespace="b",sink_status="none",ready="True"} 1',
    ])
  })

  test('a status that nobody knows makes one more series at most', async () => {
    const own = collecting(['new', 'newer', 'newest'].map((sinkStatus) => ({ ...SINK, sinkStatus })))
    expect(await samples(own, 'twilio_sink_objects')).toEqual([
      'twilio_sink_objects{namespace="a",sink_status="other",ready="True"} 3',
    ])
  })

  test('blocked deletions show how many there are and the age of the oldest, in seconds', async () => {
    const blocked = (since: number): InventorySink => ({
      ...SINK,
      deletionBlocked: { reason: 'SinkInUse', since },
    })
    const own = collecting([blocked(40_000), blocked(10_000), blocked(20_000), SINK], [], 70_000)
    expect(await samples(own, 'twilio_sink_deletions_blocked')).toEqual([
      'twilio_sink_deletions_blocked{reason="SinkInUse"} 3',
    ])
    expect(await samples(own, 'twilio_sink_oldest_blocked_deletion_seconds')).toEqual([
      'twilio_sink_oldest_blocked_deletion_seconds{reason="SinkInUse"} 60',
    ])
  })

  test('conditions are counted by reason, so that the metrics alone say why Sinks are not Ready', async () => {
    const refused: InventorySink = {
      ...SINK,
      ready: 'False',
      conditions: [
        { type: 'Ready', reason: 'CreateRefused' },
        { type: 'Stalled', reason: 'CreateRefused' },
      ],
    }
    const conditions = [
      { type: 'Ready', reason: 'TwilioUnreachable' },
      { type: 'DeletionBlocked', reason: 'AccountInUse' },
    ]
    const own = collecting([refused, refused], [{ ...ACCOUNT, conditions }])
    expect(await samples(own, 'twilio_sink_conditions')).toEqual([
      'twilio_sink_conditions{namespace="a",type="Ready",reason="CreateRefused"} 2',
      'twilio_sink_conditions{namespace="a",type="Stalled",reason="CreateRefused"} 2',
    ])
    expect(await samples(own, 'twilio_account_conditions')).toEqual([
      'twilio_account_conditions{account="a/x",type="Ready",reason="TwilioUnreachable"} 1',
      'twilio_account_conditions{account="a/x",type="DeletionBlocked",reason="AccountInUse"} 1',
    ])
  })

  test('of conditions that somebody has written there are two more series at most', async () => {
    const odd = ['x', 'y', 'z'].flatMap((word) => [
      { type: 'Ready', reason: word },
      { type: word, reason: word },
    ])
    const own = collecting([{ ...SINK, conditions: odd }])
    expect(await samples(own, 'twilio_sink_conditions')).toEqual([
      'twilio_sink_conditions{namespace="a",type="Ready",reason="other"} 3',
      'twilio_sink_conditions{namespace="a",type="other",reason="other"} 3',
    ])
  })

  test('a watched namespace that is refused is named', async () => {
    expect(await samples(collecting([], [], 0, ['gone']), 'twilio_operator_unread_namespaces')).toEqual([
      'twilio_operator_unread_namespaces{namespace="gone"} 1',
    ])
  })

  test('unused and duplicate ones are counted, and 0 is shown too', async () => {
    const own = collecting(
      [
        { ...SINK, unused: true },
        { ...SINK, duplicate: true },
        { ...SINK, namespace: 'b' },
      ],
      [ACCOUNT, { ...ACCOUNT, name: 'a/y' }],
    )
    expect(await samples(own, 'twilio_sink_unused')).toEqual([
      'twilio_sink_unused{namespace="a"} 1',
      'twilio_sink_unused{namespace="b"} 0',
    ])
    expect(await samples(own, 'twilio_sink_duplicates')).toEqual([
      'twilio_sink_duplicates{account="a/x"} 1',
      'twilio_sink_duplicates{account="a/y"} 0',
    ])
  })

  test('accounts show sinks by ownership, limit, last poll, credentials, holds and calls', async () => {
    const text = await collecting([], [ACCOUNT]).text()
    const counts = { owned: 3, foreign: 2, unowned_marked: 1, unmarked: 4 }
    for (const [ownership, count] of Object.entries(counts))
      expect(text).toContain(`twilio_external_sinks{account="a/x",ownership="${ownership}"} ${count}\n`)
    expect(text).toContain('twilio_external_sinks_limit{account="a/x"} 100\n')
    expect(text).toContain('twilio_account_last_successful_poll_timestamp_seconds{account="a/x"} 5.5\n')
    expect(text).toContain('twilio_account_credentials_valid{account="a/x"} 1\n')
    expect(text).toContain('twilio_account_changes_held{account="a/x"} 0\n')
    expect(text).toContain('twilio_api_in_flight{account="a/x"} 2\n')
  })

  test('an account that was never polled has no time of it, rather than 1970', async () => {
    const own = collecting([], [{ ...ACCOUNT, lastPollAt: undefined }])
    expect(await samples(own, 'twilio_account_last_successful_poll_timestamp_seconds')).toEqual([])
  })

  test('what is gone is not shown any more, and nothing adds up over scrapes', async () => {
    const sinks = [SINK, { ...SINK, namespace: 'b' }]
    const accounts = [ACCOUNT]
    const own = collecting(sinks, accounts)
    await own.text()
    sinks.pop()
    accounts.pop()
    expect(await samples(own, 'twilio_sink_objects')).toEqual([
      'twilio_sink_objects{namespace="a",sink_status="none",ready="True"} 1',
    ])
    expect(await samples(own, 'twilio_external_sinks')).toEqual([])
  })
})

test('leading is shown as it is told', async () => {
  const own = metrics()
  own.leading(true)
  own.leaseReadAnew()
  const text = await own.text()
  expect(text).toContain('leader_election_master_status{name="twilio-sink-operator"} 1\n')
  expect(text).toContain('leader_election_slowpath_total{name="twilio-sink-operator"} 1\n')
})

test('every metric describes itself with its labels, so that the documentation can follow', () => {
  const described = metrics().described()
  expect(new Set(described.map(({ name }) => name)).size).toBe(described.length)
  for (const { name, help } of described) {
    expect(name).toMatch(
      /^(twilio|workqueue|controller_runtime|rest_client|kube_watch|leader_election)_[a-z_]+$/u,
    )
    expect(help).not.toBe('')
  }
  expect(described).toContainEqual(
    expect.objectContaining({ name: 'twilio_sink_unused', type: 'gauge', labels: ['namespace'] }),
  )
})
