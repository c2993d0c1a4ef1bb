import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../rigs/until.ts'
import { leads, openHouse, type House, type Replica } from '../leadership/replicas.ts'
import { sink } from '../operator/stage.ts'

let house: House
let first: Replica
let second: Replica

beforeAll(async () => {
  house = await openHouse('stalled')
  first = await house.replica(TIMES)
  await leads(first)
  second = await house.replica(TIMES)
})
afterAll(() => house?.end())

/** The stall is longer than half the renew deadline and shorter than the lease. */
const TIMES = { 'lease-duration': '12s', 'renew-deadline': '8s', 'retry-period': '1s' }
const STALL = 4_600
const LEASE = 12_000
/** From the loss of leadership to the end of the process. */
const EXIT_WITHIN = 5_000

test('a leader whose event loop stalls for half the deadline steps down in mid-work, and nothing is made twice', async () => {
  const { admin } = house.simulator
  await house.apply(sink('before'))
  await house.ready('before')
  await admin.addFault({
    kind: 'latency',
    ms: 200,
    phase: 'after',
    times: 20,
    match: { operation: 'CreateSink' },
  })
  const names = Array.from({ length: 8 }, (_, index) => `in-work-${index}`)
  await Promise.all(names.map((name) => house.apply(sink(name))))
  await until('creates are under way', async () =>
    first.twilioCalls().some(({ name }) => name === 'twilio:CREATE:Sinks'),
  )
  first.freeze()
  await sleep(STALL)
  const [mark, began] = [first.mark(), performance.now()]
  first.thaw()
  const code = await Promise.race([
    first.operator.ended,
    sleep(EXIT_WITHIN).then(() => 'still there' as const),
  ])
  expect(code, 'it ends by itself, and says so').toBeGreaterThan(0)
  const sent = first.twilioCalls(mark).filter(({ method }) => method !== 'GET')
  expect(
    sent.map(({ name }) => name),
    'changes after the stall',
  ).toEqual([])

  await leads(second)
  expect(performance.now() - began, 'it need not wait for more than the lease').toBeLessThan(
    LEASE + EXIT_WITHIN,
  )
  for (const name of ['before', ...names]) await house.ready(name)
  const sinks = await admin.sinks()
  expect(sinks.map(({ description }) => description.split(' [')[0]).toSorted()).toEqual(
    ['before', ...names].map((name) => `Events for ${name}`).toSorted(),
  )
})
