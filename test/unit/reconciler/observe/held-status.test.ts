import { expect, it } from 'vitest'
import type { HeldItem, Hold } from '../../../../src/account/hold.ts'
import {
  MAX_HELD_ITEMS,
  parseTwilioAccount,
  type TwilioAccountStatus,
} from '../../../../src/api/twilio-account.ts'
import { heldStatus, holdBefore } from '../../../../src/reconciler/observe/held-status.ts'
import { ACCOUNT, accountObject } from '../world.ts'

const NOW = Date.parse('2026-11-24T10:00:00.250Z')
const ITEM: HeldItem = { kind: 'MissingSink', id: 'DG1', since: NOW, approved: false }
const HOLD: Hold = {
  key: 'SK1',
  reason: 'MassDisappearance',
  items: [ITEM, { ...ITEM, kind: 'OpenAttempt', id: `${ACCOUNT}#3`, since: NOW + 1 }],
}

/** The status as the API server gives it back. */
function stored(held: unknown, reason = 'MassDisappearance', word = 'True'): TwilioAccountStatus {
  const condition = { type: 'ChangesHeld', status: word, reason, message: '', lastTransitionTime: '' }
  const read = parseTwilioAccount({ ...accountObject(), status: { held, conditions: [condition] } })
  if (!read.readable) throw new Error(read.problem)
  return read.object.status
}

it('brings back the hold of an earlier process, to the millisecond', () => {
  expect(holdBefore(stored(heldStatus(HOLD)))).toEqual(HOLD)
})

it('knows a released one by its condition, which is gone', () => {
  expect(holdBefore(stored(heldStatus(HOLD), 'MassDisappearance', 'False'))?.reason).toBeUndefined()
  expect(holdBefore(stored(heldStatus(HOLD), 'AReasonOfALaterVersion'))?.reason).toBeUndefined()
})

it('takes what it does not understand for not covered: a release of it is asked for anew', () => {
  const items = [
    { kind: 'Unheard', id: 'DG2', since: '2026-11-24T10:00:00Z' },
    { kind: 'MissingSink', id: 'DG3', since: 'yesterday' },
    { kind: 'MissingSink', id: 'DG4', since: '2026-11-24T10:00:00Z' },
  ]
  expect(holdBefore(stored({ key: 'SK1', items }))?.items.map(({ id }) => id)).toEqual(['DG4'])
})

it('stays within what the API server takes, however much is missing', () => {
  const items = Array.from({ length: MAX_HELD_ITEMS + 1 }, (_, n) => ({ ...ITEM, id: `DG${n}` }))
  const long: HeldItem = { ...ITEM, kind: 'OpenAttempt', id: 'x'.repeat(1_000) }
  expect(heldStatus({ ...HOLD, items }).items).toHaveLength(MAX_HELD_ITEMS)
  expect([...(heldStatus({ ...HOLD, items: [long] }).items[0]?.id ?? '')]).toHaveLength(512)
})

it('keeps what was missing before creates that anybody could have made up, where not all finds room', () => {
  const forged = Array.from({ length: MAX_HELD_ITEMS }, (_, n): HeldItem => ({
    ...ITEM,
    kind: 'OpenAttempt',
    id: `team/made-up#${n}`,
  }))
  const items: HeldItem[] = [ITEM, ...forged, { ...ITEM, kind: 'SeenElsewhere', id: 'DG2' }]
  const kept = heldStatus({ ...HOLD, items }).items
  expect(kept).toHaveLength(MAX_HELD_ITEMS)
  expect([kept[0]?.id, kept.at(-1)?.id]).toEqual(['DG1', 'DG2'])
})
