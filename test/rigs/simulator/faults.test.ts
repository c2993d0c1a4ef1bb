import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { apiCaller, webhookForm, type Caller } from './api-caller.ts'
import type { FaultInput } from './faults.ts'
import { startSimulator, type Simulator } from './simulator.ts'

let simulator: Simulator
let call: Caller

beforeAll(async () => {
  simulator = await startSimulator()
  call = apiCaller(simulator.url)
})
beforeEach(() => simulator.admin.reset())
afterAll(() => simulator.stop())

/** How long a client waits where no answer comes, and a time much longer than that. */
const PATIENCE_MS = 250
const LONG_MS = 1000
const arm = (rule: FaultInput) => simulator.admin.addFault(rule)
const create = (Description = 'Orders') =>
  call('POST', '/v1/Sinks', { form: { ...webhookForm, Description } })
const list = () => call('GET', '/v1/Sinks')
const stored = async () => (await simulator.admin.sinks()).length
const lastEntry = async () => (await simulator.admin.journal()).at(-1)

/** What a client sees of a create: the answer, or `no answer`, or `waited in vain`. */
async function seen(patienceMs = PATIENCE_MS): Promise<unknown> {
  const signal = AbortSignal.timeout(patienceMs)
  try {
    const form = webhookForm
    const { status, body, headers } = await call('POST', '/v1/Sinks', { form, signal })
    return { status, code: body.code, retryAfter: headers.get('Retry-After') }
  } catch {
    return signal.aborted ? 'waited in vain' : 'no answer'
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 250; i++) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect.unreachable('the condition did not come true within five seconds')
}

/** One create under the fault: what the client sees, how many sinks there are then, what the journal says. */
interface Row {
  readonly why: string
  readonly rule: FaultInput
  readonly sees: unknown
  readonly sinks: 0 | 1
}

const rows: Row[] = [
  {
    why: '429 that names a time',
    rule: { kind: 'answer', status: 429, retryAfter: 3 },
    sees: { status: 429, code: 20429, retryAfter: '3' },
    sinks: 0,
  },
  {
    why: '429 that names none',
    rule: { kind: 'answer', status: 429 },
    sees: { status: 429, code: 20429, retryAfter: null },
    sinks: 0,
  },
  {
    why: '500 before the write',
    rule: { kind: 'answer', status: 500 },
    sees: { status: 500, code: 20500, retryAfter: null },
    sinks: 0,
  },
  {
    why: '500 after the write',
    rule: { kind: 'answer', status: 500, phase: 'after' },
    sees: { status: 500, code: 20500, retryAfter: null },
    sinks: 1,
  },
  {
    why: '503 before the write',
    rule: { kind: 'answer', status: 503 },
    sees: { status: 503, code: 20503, retryAfter: null },
    sinks: 0,
  },
  {
    why: '503 after the write',
    rule: { kind: 'answer', status: 503, phase: 'after' },
    sees: { status: 503, code: 20503, retryAfter: null },
    sinks: 1,
  },
  {
    why: 'a code of its own',
    rule: { kind: 'answer', status: 400, code: 91000 },
    sees: { status: 400, code: 91000, retryAfter: null },
    sinks: 0,
  },
  { why: 'reset before the write', rule: { kind: 'reset' }, sees: 'no answer', sinks: 0 },
  { why: 'reset after the write', rule: { kind: 'reset', phase: 'after' }, sees: 'no answer', sinks: 1 },
  { why: 'hangs before the write', rule: { kind: 'hang' }, sees: 'waited in vain', sinks: 0 },
  { why: 'hangs after the write', rule: { kind: 'hang', phase: 'after' }, sees: 'waited in vain', sinks: 1 },
  { why: 'cut in the middle', rule: { kind: 'halfJson', cut: true }, sees: 'no answer', sinks: 1 },
]

describe('faults of a create', () => {
  test.each(rows)('$why: $sinks sink(s) made', async ({ rule, sees, sinks }) => {
    await arm(rule)
    expect(await seen(sees === 'waited in vain' ? PATIENCE_MS : 20 * PATIENCE_MS)).toEqual(sees)
    expect(await stored()).toBe(sinks)
    expect(await lastEntry()).toMatchObject({
      fault: rule.kind,
      processed: sinks === 1,
      committed: sinks === 1,
    })
  })

  test.each(['hang', 'reset', 'error'] as const)(
    'late commit after %s: first nothing, then a sink',
    async (reply) => {
      await arm({ kind: 'lateCommit', ms: LONG_MS, reply })
      const sees = {
        hang: 'waited in vain',
        reset: 'no answer',
        error: { status: 503, code: 20503, retryAfter: null },
      }
      expect(await seen()).toEqual(sees[reply])
      expect(await stored()).toBe(0)
      expect(await lastEntry()).toMatchObject({ committed: false, committedAt: null })
      await until(async () => (await stored()) === 1)
      const entry = await lastEntry()
      expect(entry).toMatchObject({ committed: true, sid: (await simulator.admin.sinks())[0]?.sid })
    },
  )

  test.each(['hang', 'reset', 'error'] as const)(
    'late commit as a setting, %s: every write, no read',
    async (reply) => {
      await simulator.admin.change({ lateCommit: { ms: 20, reply } })
      await seen()
      await until(async () => (await stored()) === 1)
      expect((await list()).status).toBe(200)
    },
  )

  test('a reset of the simulator is not outrun by a commit from before it', async () => {
    await arm({ kind: 'lateCommit', ms: PATIENCE_MS, reply: 'error' })
    await create()
    await simulator.admin.reset()
    await new Promise((resolve) => setTimeout(resolve, 2 * PATIENCE_MS))
    expect(await stored()).toBe(0)
  })
})

describe('slow answers', () => {
  test('wait before the write', async () => {
    await arm({ kind: 'latency', ms: LONG_MS })
    expect(await seen()).toBe('waited in vain')
    expect(await stored()).toBe(0)
    await until(async () => (await stored()) === 1)
  })

  test('wait after the write', async () => {
    await arm({ kind: 'latency', ms: LONG_MS, phase: 'after' })
    expect(await seen()).toBe('waited in vain')
    expect(await stored()).toBe(1)
  })
})
