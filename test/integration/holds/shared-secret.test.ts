import { afterAll, beforeAll, expect, it } from 'vitest'
import { ready, readyReason, sink } from '../operator/stage.ts'
import { setHoldsStage, wait, type HoldsStage } from './holds-stage.ts'

let stage: HoldsStage
beforeAll(async () => {
  stage = await setHoldsStage('shared-secret')
})
afterAll(() => stage.end())

it('holds the account that came later when one Secret serves two, and goes on when it is put right', async () => {
  const [first, second] = [await stage.accountAtTwilio(), await stage.accountAtTwilio()]
  const key = await stage.keyOf(first)
  await stage.account('first', first, key)
  await stage.sinks('first', 2)
  await stage.account('second', second, key)
  await stage.apply(sink('second-1', { accountRef: { name: 'second' } }))
  await stage.held('second', 'SeenInAnotherAccount')
  await readyReason(stage, 'second-1', 'ChangesHeld')
  const before = await stage.creates()
  await wait()
  expect(await stage.creates()).toBe(before)
  // An account that comes with the key of another stops none that was there.
  await stage.held('first', undefined)
  await stage.apply(sink('first-new', { accountRef: { name: 'first' } }))
  await ready(stage, 'first-new')

  await stage.operator().stop()
  await stage.restart()
  await wait()
  await stage.held('first', undefined)
  await stage.held('second', 'SeenInAnotherAccount')

  await stage.putKeys('second', await stage.keyOf(second))
  await stage.held('second', undefined)
  await ready(stage, 'second-1')
  expect([await stage.atTwilio(first), await stage.atTwilio(second)].map(({ length }) => length)).toEqual([
    3, 1,
  ])
})

it('makes each sink once where the key shows nothing yet, and then holds one of the two accounts', async () => {
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
  await ready(stage, 'of-empty-a')
  await stage.held('empty-b', 'SeenInAnotherAccount')
  await wait()
  await stage.held('empty-a', undefined)
  const marks = (await stage.atTwilio(first)).map(({ description }) => description.replace(/\/\d+\]$/u, ''))
  expect(new Set(marks).size).toBe(marks.length)
})
