import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '../../rigs/until.ts'
import { ready, readyReason, sink } from '../operator/stage.ts'
import {
  deletionHeld,
  gone,
  hasFinalizer,
  setHoldsStage,
  startDeleting,
  wait,
  type HoldsStage,
} from './holds-stage.ts'

let stage: HoldsStage
beforeAll(async () => {
  stage = await setHoldsStage('truncated')
})
afterAll(() => stage.end())

it('holds everything while a LIST of 200 lacks half of the sinks, over a restart too', async () => {
  const { admin } = stage.simulator
  const account = await stage.accountAtTwilio()
  await stage.account('main', account, await stage.keyOf(account))
  const sids = (await stage.sinks('main', 10)).map(({ status }) => status.sid)
  await admin.change({ listedShare: 0.5 })
  await stage.held('main', 'MassDisappearance')
  await stage.apply(sink('main-new', { accountRef: { name: 'main' } }))
  // One that the LIST shows and one that it lacks.
  await startDeleting(stage, 'main-1')
  await startDeleting(stage, 'main-10')
  const held = async () => {
    await Promise.all([deletionHeld(stage, 'main-1'), deletionHeld(stage, 'main-10')])
    await readyReason(stage, 'main-new', 'ChangesHeld')
    await wait()
    expect(await stage.creates()).toBe(10)
    expect(hasFinalizer(await stage.get('sinks', 'main-10'))).toBe(true)
    expect(await stage.atTwilio(account)).toHaveLength(10)
  }
  await held()
  const edited = { description: 'Edited meanwhile' }
  await stage.kubectl(['patch', 'sink', 'main-2', '--type=merge', '-p', JSON.stringify({ spec: edited })])
  await until('a sink that is seen goes on as usual', async () =>
    (await stage.atTwilio(account)).some(({ description }) =>
      description.startsWith('Edited meanwhile [k8s:'),
    ),
  )
  await stage.operator().kill()
  await stage.restart()
  await held()

  await admin.change({ listedShare: 1 })
  await stage.held('main', undefined)
  await Promise.all([gone(stage, 'main-1'), gone(stage, 'main-10'), ready(stage, 'main-new')])
  const kept = await Promise.all([2, 3, 4, 5, 6, 7, 8, 9].map((n) => ready(stage, `main-${n}`)))
  expect(kept.map(({ status }) => status.sid)).toEqual(sids.slice(1, 9))
  expect(await stage.atTwilio(account)).toHaveLength(9)
})
