import { expect, it } from 'vitest'
import { readApprovalTime } from '../../../src/account/hold.ts'

const TEN = Date.parse('2026-11-24T10:00:00Z')

it.each([
  ['2026-11-24T10:00:00Z', TEN],
  [' 2026-11-24T10:00:00Z\n', TEN],
  ['2026-11-24t10:00:00z', TEN],
  ['2026-11-24T10:00:00.250Z', TEN + 250],
  ['2026-11-24T10:00:00.123456789Z', TEN + 123],
  ['2026-11-24T12:30:00+02:30', TEN],
  ['2026-11-24T05:00:00-05:00', TEN],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
])('reads %j', (text, at) => {
  expect(readApprovalTime(text)).toEqual({ kind: 'time', at })
})

it.each([
  'true',
  'now',
  '2026-11-24',
  '2026-11-24T10:00:00',
  '2026-11-24 10:00:00Z',
  '2026-13-24T10:00:00Z',
  '2026-02-30T10:00:00Z',
  '2026-11-24T24:00:00Z',
  '2026-11-24T10:60:00Z',
  '2026-11-24T10:00:60Z',
  '1795514400',
  'Tue Nov 24 10:00:00 UTC 2026',
])('takes %j for no time: it approves nothing', (text) => {
  expect(readApprovalTime(text)).toEqual({ kind: 'unreadable' })
})

it.each([undefined, '', '  '])('asks for nothing with %j', (text) => {
  expect(readApprovalTime(text)).toEqual({ kind: 'none' })
})
