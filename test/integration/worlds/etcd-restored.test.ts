import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../rigs/until.ts'
import { startControlPlane, type ControlPlane } from '../../rigs/control-plane/control-plane.ts'
import { textOf } from '../operator/lifecycle-life.ts'
import { setWorld, spec, tellingOf, type LiveWorld } from './world.ts'

let controlPlane: ControlPlane
let world: LiveWorld

beforeAll(async () => {
  controlPlane = await startControlPlane()
  world = await setWorld({ name: 'restored', cluster: controlPlane })
})
afterAll(async () => {
  await world?.end()
  await controlPlane?.stop()
})

const CHURN = 12

test('an older copy of etcd is believed: nothing is made twice, and what came after the copy is found again', async () => {
  for (const name of ['kept', 'deleted-later']) await world.apply(name, spec(name))
  const [keptSid = '', deletedSid] = await world.oneEach(['kept', 'deleted-later'])
  const copy = await controlPlane.copyData()

  await world.oneEach(['kept'])
  for (const name of ['later', 'next']) await world.apply(name, spec(name))
  const laterSids = await world.oneEach(['later', 'next'])
  await world.remove('deleted-later')
  await world.gone('deleted-later')
  // So that the restored versions are far below those that the operator has seen.
  for (let n = 0; n < CHURN; n += 1) await world.annotate('kept', { 'example.com/churn': String(n) })
  await world.patch('kept', { spec: { description: `${spec('kept').description}, edited` } })
  await world.oneEach(['kept'])

  const since = await world.now()
  await controlPlane.swapData(copy)

  expect(await world.look('later'), 'the copy does not know it').toBeUndefined()
  await world.apply('fresh', spec('fresh'))
  await world.oneEach(['kept', 'fresh'])
  expect((await world.look('kept'))?.status.sid).toBe(keptSid)
  // It came back Ready, too, as it was before its edit; the sink is changed in its turn.
  await until(
    'kept is described as in the copy',
    async () => textOf((await world.atTwilio(keptSid))?.description ?? '') === spec('kept').description,
  )
  // It came back Ready, with the SID of a sink that is gone; that is noticed in its turn.
  await until('deleted-later has another sink', async () => {
    const sid = (await world.look('deleted-later').catch(() => undefined))?.status.sid
    return sid !== undefined && sid !== deletedSid
  })
  await world.oneEach(['deleted-later'])

  for (const [index, name] of ['later', 'next'].entries()) {
    expect(
      (await tellingOf(world, name)).map(({ sid }) => sid),
      'nobody asked to delete it',
    ).toEqual([laterSids[index]])
    await world.apply(name, spec(name))
  }
  expect(await world.oneEach(['later', 'next'])).toEqual(laterSids)
  expect(
    await world.sent('CreateSink', since),
    'one for fresh, one for the object that came back',
  ).toHaveLength(2)
  expect(await world.sent('DeleteSink', since)).toEqual([])
})
