import { afterAll, beforeAll, expect, it } from 'vitest'
import { ready, readyReason, sink } from '../operator/stage.ts'
import { setHoldsStage, wait, type HoldsStage } from './holds-stage.ts'

let stage: HoldsStage
beforeAll(async () => {
  stage = await setHoldsStage('shared-secret')
})
afterAll(() => stage.end())

it('holds both accounts when one Secret serves two, and both go on when it is put right', async () => {
  const [first, second] = [await stage.accountAtTwilio(), await stage.accountAtTwilio()]
  const key = await stage.keyOf(first)
  await stage.account('first', first, key)
  await stage.sinks('first', 2)
  await stage.account('second', second, key)
  await stage.apply(sink('second-1', { accountRef: { name: 'second' } }))
  await Promise.all([
    stage.held('first', 'SeenInAnotherAccount'),
    stage.held('second', 'SeenInAnotherAccount'),
  ])
  await stage.apply(sink('first-new', { accountRef: { name: 'first' } }))
  await Promise.all(['first-new', 'second-1'].map((name) => readyReason(stage, name, 'ChangesHeld')))
  const before = await stage.creates()
  await wait()
  expect(await stage.creates()).toBe(before)

  await stage.putKeys('second', await stage.keyOf(second))
  await Promise.all([stage.held('first', undefined), stage.held('second', undefined)])
  await Promise.all(['first-new', 'second-1'].map((name) => ready(stage, name)))
  expect([await stage.atTwilio(first), await stage.atTwilio(second)].map(({ length }) => length)).toEqual([
    3, 1,
  ])
})

it('holds both also where the key shows nothing yet, from the first LIST on', async () => {
  const [first, second] = [await stage.accountAtTwilio(), await stage.accountAtTwilio()]
  const key = await stage.keyOf(first)
  await stage.operator().stop()
  for (const [name, sid] of [
    ['empty-a', first],
    ['empty-b', second],
  ] as const) {
    await stage.account(name, sid, key)
    await stage.apply(sink(`of-${name}`, { accountRef: { name } }))
  }
  await stage.restart()
  await Promise.all(['of-empty-a', 'of-empty-b'].map((name) => readyReason(stage, name, 'ChangesHeld')))
  await wait()
  expect(await stage.atTwilio(first)).toEqual([])

  await stage.kubectl(['delete', 'sink', 'of-empty-b'])
  await stage.kubectl(['delete', 'twilioaccount', 'empty-b'])
  await ready(stage, 'of-empty-a')
  expect(await stage.atTwilio(first)).toHaveLength(1)
})
