import { afterAll, beforeAll, expect, test } from 'vitest'
import { destinationOf } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { ready, sink } from '../../integration/operator/stage.ts'
import type { Exchange } from '../../rigs/proxy/exchange.ts'
import { expectAllRight } from './oracle.ts'
import { setScene, type Scene } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  // A LIST is held for as long as people need: neither is it given up, nor is Twilio unreachable for want of it.
  const flags = { 'poll-interval': '5s', 'call-timeout': '20s', 'settle-time': '40s' }
  scene = await setScene({ name: 'lists', flags })
})
afterAll(() => scene.end())

const patch = (name: string, spec: object) =>
  scene.kubectl(['patch', 'sink', name, '--type=merge', '-p', JSON.stringify({ spec })])

const operations = async (since: number, name: string) => {
  const sids = new Set(
    (await scene.changes()).filter(({ description }) => description?.includes(name)).map(({ sid }) => sid),
  )
  return (await scene.changes(since)).filter(({ sid }) => sids.has(sid)).map(({ operation }) => operation)
}

/** Whether the exchange has shown a sink with the destination. */
const ended = (name: string) =>
  scene.proxy.log().filter((exchange: Exchange) => exchange.name === name && exchange.status !== undefined)
    .length

/** A LIST that Twilio has answered before the work and that the operator hears of only after it. */
async function listOfBefore(work: () => Promise<void>): Promise<void> {
  const held = scene.proxy.onRequest({
    match: { name: 'twilio:LIST:Sinks' },
    action: { kind: 'hold', phase: 'after' },
  })
  await held.struck
  const before = ended('twilio:LIST:Sinks')
  await work()
  held.release()
  // The one that was held, and one that shows the present, so that whatever came of the first has happened.
  await until('two LISTs', async () => ended('twilio:LIST:Sinks') >= before + 2)
}

test('LIST racing with an own write', async () => {
  await scene.make('edited')
  await scene.make('deleted')
  const [deleted] = await scene.sinksOf('deleted')
  const since = await scene.last()

  await listOfBefore(async () => {
    await scene.make('created')
  })
  await expectAllRight(scene, { alive: ['created', 'edited', 'deleted'] })
  expect(await operations(since, 'created'), 'what a LIST does not show yet is not made again').toEqual([
    'CreateSink',
  ])

  await listOfBefore(async () => {
    await patch('edited', { description: 'edited anew' })
    await ready(scene, 'edited')
  })
  await expectAllRight(scene, { alive: ['created', 'edited', 'deleted'] })
  expect(await operations(since, 'edited'), 'what a LIST still shows is not written again').toEqual([
    'UpdateSink',
  ])

  await listOfBefore(async () => {
    await scene.remove('deleted')
    await until(
      'the sink is deleted',
      async () => (await scene.simulator.admin.sink(deleted?.sid ?? '')) === undefined,
    )
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(
      await scene.get('sinks', 'deleted'),
      'the LIST from before the DELETE proves nothing',
    ).toBeDefined()
  })
  await expectAllRight(scene, { alive: ['created', 'edited'], dead: ['deleted'] })
  expect(await operations(since, 'deleted'), 'what a LIST still shows is not deleted again').toEqual([
    'DeleteSink',
  ])
})

/** Here no LIST is held. */
const NOT_HELD = { 'poll-interval': '1s', 'call-timeout': '3s', 'settle-time': '8s' }

test('lagging and paged LIST', async () => {
  await scene.operator().stop()
  await scene.restart(NOT_HELD)
  const { admin } = scene.simulator
  for (let index = 0; index < 5; index += 1) {
    const configuration = { destination: destinationOf(`crowd-${index}`), method: 'POST' }
    const form = {
      Description: 'crowd',
      SinkType: 'webhook',
      SinkConfiguration: JSON.stringify(configuration),
    }
    await scene.person('POST', '/v1/Sinks', { form })
  }
  await admin.change({ maxPageSize: 3, listLagMs: 2_000 })
  const since = await scene.last()
  await scene.make('lagging')
  await patch('lagging', { description: 'lagging, edited' })
  await ready(scene, 'lagging')

  // Its answer is lost, and the first process dies: the next one has the lagging LISTs alone.
  const swallowed = scene.proxy.onRequest({
    match: { name: 'twilio:CREATE:Sinks', when: ({ body }) => body.includes('unanswered') },
    action: { kind: 'swallow', phase: 'after' },
  })
  await scene.apply(sink('unanswered'))
  await swallowed.struck
  await scene.operator().kill()
  await scene.restart(NOT_HELD)
  await ready(scene, 'unanswered')
  await ready(scene, 'lagging')

  const [outside] = await scene.sinksOf('lagging')
  await scene.person('DELETE', `/v1/Sinks/${outside?.sid ?? ''}`)
  await until('it is made again', async () => {
    const [now] = await scene.sinksOf('lagging')
    return now !== undefined && now.sid !== outside?.sid
  })
  await expectAllRight(scene, { alive: ['lagging', 'unanswered'] })
  const creates = (await scene.changes(since)).filter(({ operation }) => operation === 'CreateSink')
  expect(creates, 'two, and one more for what was deleted outside').toHaveLength(3)

  await scene.remove('unanswered')
  await scene.remove('lagging')
  await expectAllRight(scene, { dead: ['lagging', 'unanswered'] })
  const pages = scene.proxy.log().filter(({ path }) => path.includes('PageToken='))
  expect(pages.length, 'the LISTs had several pages').toBeGreaterThan(0)
})
