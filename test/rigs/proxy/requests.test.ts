import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startProxy, type Proxy } from './proxy.ts'
import type { RequestAction } from './rule.ts'
import { startUpstream, type UpstreamUnderTest } from './upstream-under-test.ts'

let upstream: UpstreamUnderTest
let proxy: Proxy

beforeEach(async () => {
  upstream = await startUpstream()
  proxy = await startProxy({ kubernetes: upstream, twilio: upstream })
})
afterEach(async () => {
  await proxy.stop()
  await upstream[Symbol.asyncDispose]()
})

const CREATE = { name: 'twilio:CREATE:Sinks' }
/** Status of the answer, or what became of the connection. */
async function create(signal?: AbortSignal): Promise<number | string> {
  const init = { method: 'POST', body: 'Description=x', ...(signal && { signal }) }
  const answer = await fetch(`${proxy.twilioUrl}/v1/Sinks`, init).catch((error: unknown) => error as Error)
  return answer instanceof Error ? answer.name : answer.status
}
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100))
const REACHED = ['POST /v1/Sinks Description=x']

test('without a rule everything passes, and is noted in order', async () => {
  const answer = await fetch(`${proxy.twilioUrl}/v1/Sinks`, { method: 'POST', body: 'Description=x' })
  expect([answer.status, await answer.text(), answer.headers.get('x-own')]).toEqual([
    201,
    '{"made":true}',
    'yes',
  ])
  await fetch(`${proxy.kubernetesUrl}/api/v1/namespaces/shop/secrets/twilio`)
  expect(upstream.seen()).toEqual([...REACHED, 'GET /api/v1/namespaces/shop/secrets/twilio'])
  expect(proxy.log().map(({ name, status, forwarded }) => [name, status, forwarded])).toEqual([
    ['twilio:CREATE:Sinks', 201, true],
    ['kubernetes:GET:secrets', 201, true],
  ])
})

interface Case {
  readonly action: RequestAction
  /** What the client sees, when it waits 300 ms at most. */
  readonly seen: number | string
  /** Whether the server was reached by then. */
  readonly reached: boolean
}

const CASES: readonly Case[] = [
  { action: { kind: 'answer', status: 503 }, seen: 503, reached: false },
  { action: { kind: 'reset', phase: 'before' }, seen: 'TypeError', reached: false },
  { action: { kind: 'reset', phase: 'after' }, seen: 'TypeError', reached: true },
  { action: { kind: 'swallow', phase: 'before' }, seen: 'TimeoutError', reached: false },
  { action: { kind: 'swallow', phase: 'after' }, seen: 'TimeoutError', reached: true },
  { action: { kind: 'hold', phase: 'before' }, seen: 'TimeoutError', reached: false },
  { action: { kind: 'hold', phase: 'after' }, seen: 'TimeoutError', reached: true },
  { action: { kind: 'delay', phase: 'before', ms: 50 }, seen: 201, reached: true },
  { action: { kind: 'delay', phase: 'after', ms: 50 }, seen: 201, reached: true },
  {
    action: { kind: 'rewrite', rewrite: (answer) => ({ ...answer, status: 200 }) },
    seen: 200,
    reached: true,
  },
  { action: { kind: 'note' }, seen: 201, reached: true },
]

test.each(CASES)('$action: the client sees $seen', async ({ action, seen, reached }) => {
  const armed = proxy.onRequest({ match: CREATE, action })
  expect(await create(AbortSignal.timeout(300))).toBe(seen)
  const struck = await armed.struck
  expect([struck.struckBy, armed.count()]).toEqual([action.kind, 1])
  await soon()
  expect(upstream.seen()).toEqual(reached ? REACHED : [])
  expect(await create(), 'the rule strikes once').toBe(201)
})

test('a late request arrives when its sender has long gone', async () => {
  proxy.onRequest({ match: CREATE, action: { kind: 'late', ms: 300 } })
  expect(await create(AbortSignal.timeout(100))).toBe('TimeoutError')
  expect(upstream.seen()).toEqual([])
  await expect.poll(() => upstream.seen()).toEqual(REACHED)
})

describe('held', () => {
  test.each(['before', 'after'] as const)('%s, an answer comes when it is released', async (phase) => {
    const armed = proxy.onRequest({ match: CREATE, action: { kind: 'hold', phase } })
    const created = create()
    await armed.struck
    expect(upstream.seen()).toEqual(phase === 'after' ? REACHED : [])
    armed.release()
    expect(await created).toBe(201)
    expect(upstream.seen()).toEqual(REACHED)
  })

  test('before, a request whose sender goes away never arrives', async () => {
    const armed = proxy.onRequest({ match: CREATE, action: { kind: 'hold', phase: 'before' } })
    expect(await create(AbortSignal.timeout(100))).toBe('TimeoutError')
    await soon()
    armed.release()
    await soon()
    expect(upstream.seen()).toEqual([])
  })
})

test('the n-th match is struck, so many times, and what is struck is told at once', async () => {
  const told: number[] = []
  proxy.onRequest({
    match: { ...CREATE, when: ({ body }) => body.startsWith('Description') },
    after: 1,
    times: 2,
    action: { kind: 'answer', status: 500 },
    then: ({ sequence }) => told.push(sequence),
  })
  const statuses = [await create(), await create(), await create(), await create()]
  expect(statuses).toEqual([201, 500, 500, 201])
  expect(told).toEqual([2, 3])
})

test('rules that are cleared let go and strike no more', async () => {
  const armed = proxy.onRequest({ match: CREATE, action: { kind: 'hold', phase: 'before' }, times: 9 })
  const created = create()
  await armed.struck
  proxy.clearRules()
  expect([await created, await create()]).toEqual([201, 201])
})
