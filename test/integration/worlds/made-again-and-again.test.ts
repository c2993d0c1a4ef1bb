import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { condition } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { setWorld, spec, tellingOf, type LiveWorld } from './world.ts'

let world: LiveWorld

beforeAll(async () => {
  world = await setWorld({ name: 'again' })
})
afterAll(() => world?.end())

/** C21. */
const CREATES_PER_HOUR = 3

test('a sink that somebody deletes again and again is made three times an hour, not more, also over a restart', async () => {
  await world.apply('fought-over', spec('fought-over'))
  await world.apply('beside', spec('beside'))
  await world.oneEach(['fought-over', 'beside'])
  const stalled = async () =>
    condition(await world.look('fought-over'), 'Ready')?.reason === 'RecreatedTooOften'
  await until(
    'it is given up',
    async () => {
      for (const { sid } of await tellingOf(world, 'fought-over'))
        await world.stage.simulator.admin.deleteSink(sid)
      return stalled()
    },
    90_000,
  )
  const creates = async () => (await world.sent('CreateSink')).length
  // One more is that of the Sink beside.
  expect(await creates()).toBe(CREATES_PER_HOUR + 1)
  expect(condition(await world.look('fought-over'), 'Stalled')?.status).toBe('True')
  await world.stage.operator().kill()
  await world.stage.restart()
  await world.apply('after-the-restart', spec('after-the-restart'))
  await world.oneEach(['beside', 'after-the-restart'])
  await sleep(3_000)
  expect(await creates()).toBe(CREATES_PER_HOUR + 2)
  await until('it stays given up', stalled)
  // It is no prison: what is not wanted any more goes.
  await world.remove('fought-over')
  await world.gone('fought-over')
})
