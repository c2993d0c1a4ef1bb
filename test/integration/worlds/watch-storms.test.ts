import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readFile } from 'node:fs/promises'
import { until } from '../../rigs/until.ts'
import { sharedCluster } from '../../rigs/control-plane/shared-cluster.ts'
import { writeKubeconfigThrough } from '../../rigs/proxy/kubeconfig-through.ts'
import { startProxy, type Proxy } from '../../rigs/proxy/proxy.ts'
import type { Armed } from '../../rigs/proxy/rule.ts'
import { setWorld, spec, type LiveWorld } from './world.ts'

let proxy: Proxy
let world: LiveWorld

beforeAll(async () => {
  const cluster = sharedCluster()
  const ca = await readFile(cluster.certificateAuthorityPath, 'utf8')
  proxy = await startProxy({ kubernetes: { url: cluster.url, ca }, twilio: { url: 'http://127.0.0.1:9' } })
  const kubeconfig = join(cluster.folder, `storms-${process.pid}.kubeconfig`)
  await writeKubeconfigThrough(cluster.kubeconfigPath, proxy.kubernetesUrl, kubeconfig)
  // A Sink that Twilio is not reached for says so: that is an event too many here.
  const flags = { kubeconfig, 'poll-interval': '10s', 'call-timeout': '2s', 'settle-time': '4s' }
  world = await setWorld({ name: 'storms', flags })
})
afterAll(async () => {
  await world?.end()
  await proxy?.stop()
})

/** C25. Milliseconds. */
const SEEN_WITHIN = 30_000
const STORM = 6_000
/** Delays of 0.8, 1.6, 3.2 … s let so many attempts through in a storm of six seconds; each may ask for the version first. */
const ATTEMPTS = 8

/** Without an event and a LIST; milliseconds. */
const CALM = 3_000

const WATCH = 'kubernetes:WATCH:sinks'
const isOfWatch = ({ name }: { readonly name: string }) =>
  name === WATCH || name === 'kubernetes:BOOKMARK:sinks'
const since = (at: number) =>
  proxy.log().filter(({ name, at: then }) => name.endsWith(':sinks') && then >= at)
const count = (at: number, name: string) => since(at).filter((one) => one.name === name).length
/** Breaks the watch that is open, so that the next one meets the storm. */
const always = { times: Number.POSITIVE_INFINITY }

const answers = (status: number) => (): Armed =>
  proxy.onRequest({ ...always, match: { name: WATCH }, action: { kind: 'answer', status } })
const half = (): Armed =>
  proxy.onLine({ ...always, match: { name: 'kubernetes:EVENT:sinks' }, action: { kind: 'half' } })

test.for([
  { storm: '500', begin: answers(500) },
  { storm: '429', begin: answers(429) },
  { storm: 'half a line', begin: half },
])(
  'a watch that is answered with $storm again and again is asked for in bounds, and goes on',
  async ({ storm, begin }) => {
    const name = `in-${storm.replaceAll(' ', '-')}`
    // The open watch ends here, in the middle of a line.
    proxy.onLine({ match: { name: 'kubernetes:EVENT:sinks' }, action: { kind: 'half' } })
    const rule = begin()
    const began = performance.now()
    await world.apply(`${name}-first`, spec(`${name}-first`))
    await sleep(STORM)
    await world.apply(name, spec(name))
    expect(count(began, WATCH), 'watches').toBeLessThanOrEqual(ATTEMPTS)
    expect(count(began, 'kubernetes:LIST:sinks'), 'LISTs').toBeLessThanOrEqual(ATTEMPTS)
    expect(since(began).length, 'and something did break').toBeGreaterThan(1)
    rule.disarm()
    await world.oneEach([`${name}-first`, name], SEEN_WITHIN)
  },
)

test('a watch that brings bookmarks alone is not taken for dead, and costs no LIST', async () => {
  // The echo of the last write, and a LIST that a storm has led to, may still be on their way.
  await until('nothing is told any more', async () => since(performance.now() - CALM).every(isOfWatch))
  const began = performance.now()
  await sleep(25_000)
  const marks = since(began).filter(({ name }) => name === 'kubernetes:BOOKMARK:sinks')
  expect(count(began, 'kubernetes:LIST:sinks')).toBe(0)
  expect(count(began, WATCH)).toBeLessThanOrEqual(3)
  expect(count(began, 'kubernetes:EVENT:sinks')).toBe(0)
  const changed = performance.now()
  await world.apply('after-bookmarks', spec('after-bookmarks'))
  await world.oneEach(['after-bookmarks'])
  expect(marks.length + count(began, WATCH), 'it heard something').toBeGreaterThan(0)
  // One that was taken for alive and was not would be given up after twenty seconds and more.
  expect(performance.now() - changed).toBeLessThan(15_000)
})
