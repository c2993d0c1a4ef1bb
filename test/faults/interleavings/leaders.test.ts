import { afterEach, expect, test } from 'vitest'
import { until } from '../../rigs/until.ts'
import { ready, sink } from '../../integration/operator/stage.ts'
import type { Exchange } from '../../rigs/proxy/exchange.ts'
import type { Proxy } from '../../rigs/proxy/proxy.ts'
import { expectAllRight } from './oracle.ts'
import { setScene, type Scene } from './scene.ts'

let scene: Scene | undefined
afterEach(async () => {
  await scene?.end()
  scene = undefined
})

/** One after the other: each test has a scene of its own. */
async function set(flags: Readonly<Record<string, string>> = {}): Promise<Scene> {
  scene = await setScene({ name: 'leaders', flags })
  return scene
}

const isAbout =
  (name: string) =>
  ({ path, body }: Exchange): boolean =>
    path.includes(`/${name}`) || body.includes(`for+${name}+`)

const requests = (proxy: Proxy, request: string, name: string): readonly Exchange[] =>
  proxy.log().filter((one) => one.name === request && isAbout(name)(one))

const CREATE = 'twilio:CREATE:Sinks'
const CLAIM = 'kubernetes:PATCH:sinks'

const changesAtTwilio = ({ side, method }: Exchange): boolean => side === 'twilio' && method !== 'GET'
const isForwarded = ({ forwarded }: Exchange): boolean => forwarded

/** Two processes that both take themselves for the leader: without election nothing keeps them apart but the protocol. */
test('second leader with a stale cache, and with a fresh one', async () => {
  const here = await set({ 'call-timeout': '2500ms', 'settle-time': '12s' })
  const second = await here.another()

  // Stale: it has decided to claim before the first one's claim, and its request arrives after it.
  const late = second.proxy.onRequest({
    match: { name: CLAIM, when: isAbout('stale') },
    action: { kind: 'hold', phase: 'before' },
  })
  const sent = here.proxy.onRequest({
    match: { name: CREATE, when: isAbout('stale') },
    action: { kind: 'hold', phase: 'after' },
  })
  await here.apply(sink('stale'))
  await Promise.all([late.struck, sent.struck])
  late.release()
  await until('its claim is refused', async () =>
    requests(second.proxy, CLAIM, 'stale').some(({ status = 0 }) => status >= 400),
  )
  expect(requests(second.proxy, CREATE, 'stale')).toEqual([])
  sent.release()
  await expectAllRight(here, { alive: ['stale'] })

  // Fresh: it knows of the claim, and the first one dies with its request on the way, which takes effect late.
  const unseen = second.proxy.onLine({
    match: { name: 'kubernetes:EVENT:sinks', when: ({ body }) => body.includes('"fresh"') },
    action: { kind: 'hold' },
  })
  const onTheWay = here.proxy.onRequest({
    match: { name: CREATE, when: isAbout('fresh') },
    action: { kind: 'late', ms: 6_000 },
  })
  await here.apply(sink('fresh'))
  await onTheWay.struck
  await here.operator().kill()
  unseen.release()
  await expectAllRight(here, { alive: ['stale', 'fresh'] })
  expect(requests(second.proxy, CREATE, 'fresh'), 'it waits, and adopts what arrives').toEqual([])
})

/**
 * The frozen process waits for the answer to its claim. It gives that up after ten seconds and then sends nothing anyway,
 * so the other one has to be done earlier.
 */
const SHORTEST_LEASE = { 'lease-duration': '5s', 'renew-deadline': '4s', 'retry-period': '500ms' } as const

test('frozen leader returning after the takeover', async () => {
  const here = await set({
    'leader-elect': 'true',
    ...SHORTEST_LEASE,
    // Longer than it is frozen: only its lease may keep it from sending.
    'call-timeout': '60s',
    'settle-time': '120s',
  })
  const leader = here.operator()
  const standby = await here.another({ ...SHORTEST_LEASE, 'call-timeout': '1s', 'settle-time': '2s' })
  await here.make('kept')
  const claimed = here.proxy.onRequest({
    match: { name: CLAIM, when: isAbout('contested') },
    action: { kind: 'hold', phase: 'after' },
  })
  await here.apply(sink('contested'))
  await claimed.struck
  process.kill(leader.pid, 'SIGSTOP')
  claimed.release()
  await ready(here, 'contested')
  expect(requests(standby.proxy, CREATE, 'contested')).toHaveLength(1)
  const frozen = here.proxy.log().length
  process.kill(leader.pid, 'SIGCONT')
  const returned = performance.now()
  expect(await leader.ended, 'it ends, and not as if all were well').not.toBe(0)
  expect(performance.now() - returned).toBeLessThan(5_000)
  expect(here.proxy.log().slice(frozen).filter(changesAtTwilio), 'it changes nothing any more').toEqual([])
  await expectAllRight(here, { alive: ['kept', 'contested'] })
})

/**
 * What is between the slot and the send lies inside the process; a held claim of another Sink, which is made with the only
 * slot in hand, keeps the create waiting for as long as the test wants.
 */
test("a leader waiting for a call slot while a standby's clock runs", async () => {
  const here = await set({ 'max-calls-per-account': '1', 'call-timeout': '1s', 'settle-time': '2s' })
  const busy = here.proxy.onRequest({
    match: { name: CLAIM, when: isAbout('blocker') },
    action: { kind: 'hold', phase: 'before' },
  })
  await here.apply(sink('blocker'))
  await busy.struck
  await here.apply(sink('waiting'))
  const waitedFrom = performance.now()
  const standby = await here.another({ 'max-calls-per-account': '4' })
  await ready(here, 'waiting')
  await until('its whole settle time has passed', async () => performance.now() - waitedFrom > 4_000)
  expect(requests(here.proxy, CLAIM, 'waiting'), 'who waits for a slot has claimed nothing').toEqual([])
  busy.release()
  await expectAllRight(here, { alive: ['blocker', 'waiting'] })
  expect(
    requests(here.proxy, CREATE, 'waiting').filter(isForwarded),
    'whoever comes late sends nothing',
  ).toEqual([])
  expect(requests(standby.proxy, CREATE, 'waiting')).toHaveLength(1)
})
