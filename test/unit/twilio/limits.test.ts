import { expect, it } from 'vitest'
import { LimitGroups } from '../../../src/twilio/limits.ts'

const forever = new AbortController().signal

function setUp() {
  let now = 0
  const groups = new LimitGroups(1, () => now)
  return { groups, pass: (ms: number) => (now += ms) }
}

it('limits of 2,000 accounts that call no more are not kept', () => {
  const { groups } = setUp()
  for (let account = 0; account < 2_000; account += 1) groups.of(`account-${account}`)
  expect(groups.size).toBe(1)
})

it('limits are kept while a slot is taken: they are the same for all who call', async () => {
  const { groups } = setUp()
  const held = groups.of('busy')
  const free = await held.slots.acquire(forever)
  groups.of('other')
  expect(groups.of('busy')).toBe(held)
  free()
  groups.of('third')
  expect(groups.of('busy')).not.toBe(held)
})

it('limits are kept for as long as they pause', () => {
  const { groups, pass } = setUp()
  groups.of('paused').pause.atLeast(1_000)
  pass(999)
  groups.of('other')
  expect(groups.of('paused').pause.remainingMs()).toBe(1)
  pass(1)
  groups.of('third')
  expect(groups.size).toBe(1)
})
