import { expect, it } from 'vitest'
import { CHANGES_HELD_REASONS } from '../../../src/api/condition.ts'
import type { HeldItem, Hold, ApprovalTime } from '../../../src/account/hold.ts'
import { holdMessage } from '../../../src/account/hold-message.ts'

const NOW = Date.parse('2026-11-24T10:00:00Z')
const item = (id: string, kind: HeldItem['kind'] = 'MissingSink', since = NOW): HeldItem => ({
  kind,
  id,
  since,
  approved: false,
})
const hold = (items: readonly HeldItem[], reason: Hold['reason'] = 'MassDisappearance'): Hold => ({
  key: 'SK1',
  reason,
  items,
})
const say = (held: Hold, approval: ApprovalTime = { kind: 'none' }) =>
  holdMessage(held, { accountSid: 'AC1', approval, now: NOW + 1_000 })

it.each(CHANGES_HELD_REASONS)('says of %s what is held, why, and both ways out', (reason) => {
  const kind = reason === 'SeenInAnotherAccount' ? 'SeenElsewhere' : 'MissingSink'
  const message = say(hold([item('DG7', kind)], reason))
  for (const word of ['DG7', 'nothing is created', 'events.twilio.com/allow-mass-change'])
    expect(message).toContain(word)
})

it.each(CHANGES_HELD_REASONS)('refers to nothing that it has not named: %s', (reason) => {
  const kind = reason === 'SeenInAnotherAccount' ? 'SeenElsewhere' : 'MissingSink'
  const message = say(hold([item('DG7', kind)], reason))
  expect(message).not.toMatch(/until then|\.[. ]*\./iu)
})

it('names a few and is the same however many more there are, so that the status is not written for a number', () => {
  const few = ['DGa', 'DGb', 'DGc', 'DGd'].map((id) => item(id))
  expect(say(hold(few))).toBe(say(hold([...few, item('DGe')])))
  expect(say(hold(few))).not.toContain('DGd')
})

it('names the object whose create has no known end', () => {
  expect(say(hold([item('shop/orders#3', 'OpenAttempt')], 'UnprovenCredential'))).toContain('shop/orders#3')
})

it('does not name what is released already', () => {
  expect(say(hold([{ ...item('DG1'), approved: true }, item('DG2')]))).not.toContain('DG1')
})

it.each<[why: string, approval: ApprovalTime]>([
  ['it is no time', { kind: 'unreadable' }],
  ['it lies in the future', { kind: 'time', at: NOW + 5_000 }],
  ['it is older than the hold', { kind: 'time', at: NOW }],
])('says why an annotation releases nothing: %s', (_, approval) => {
  expect(say(hold([item('DG1')]), approval)).toContain('it approves nothing')
  expect(say(hold([item('DG1')]))).not.toContain('it approves nothing')
})
