import { expect, it } from 'vitest'
import { markAbsent, settledBefore } from '../../../src/account/absence.ts'
import { createLastSeen } from '../../../src/account/last-seen.ts'
import { emptySnapshot, withList } from '../../../src/account/snapshot.ts'
import { observedSink, OWNER } from '../sink/observations.ts'
import { HISTORY_KEY, KEYS } from './histories.ts'

const SETTLE = 60_000

it('forgets no sight that a slow LIST still depends on, since its proof would ripen by forgetting', () => {
  const lastSeen = createLastSeen()
  lastSeen.recordSeen(observedSink(), HISTORY_KEY, 100_000)
  // It began within the settle time of that sight, and took longer than two of them.
  const slow = withList(emptySnapshot('AC1', 'AC1'), [], { beganAt: 130_000, pages: 1 }, undefined)
  lastSeen.forgetBefore(settledBefore(slow.lists, SETTLE))
  const context = { lastSeen, settle: SETTLE, leadingSince: 0, trusted: true, keys: KEYS }
  expect(markAbsent(slow, { owner: OWNER, above: 0, since: 0 }, context).confirmed).toBe(false)
})

it('counts from the older of the LISTs that are remembered, and forgets what both have left behind', () => {
  const lists = [
    { beganAt: 900_000, pages: 2 },
    { beganAt: 600_000, pages: 2 },
  ]
  expect(settledBefore(lists, SETTLE)).toBe(480_000)
  const lastSeen = createLastSeen()
  lastSeen.recordSeen(observedSink(), HISTORY_KEY, 479_999)
  lastSeen.forgetBefore(settledBefore(lists, SETTLE))
  expect(lastSeen.ofSink(observedSink().sid)).toBeUndefined()
})

it('forgets nothing where no LIST is remembered', () => {
  expect(settledBefore([], SETTLE)).toBe(Number.NEGATIVE_INFINITY)
})
