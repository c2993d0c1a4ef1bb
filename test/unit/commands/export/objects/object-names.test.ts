import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { objectNames } from '../../../../../src/commands/export/objects/exported-account.ts'

const sidOf = (number: number): string => `DG${number.toString(16).padStart(32, '0')}`
const named = (description: string, number = 1, dateCreated = '2026-01-01T00:00:00Z') => ({
  sid: sidOf(number),
  description,
  dateCreated,
})

/** RFC 1123, a label: stricter than what objects need. */
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/u

describe('the name of an object', () => {
  test.each([
    ['Orders for the warehouse', 'orders-for-the-warehouse'],
    ['  Größe / Maß! ', 'gro-e-ma'],
    ['café', 'cafe'],
    ['日本', 'sink-00000001'],
    ['', 'sink-00000001'],
    [`${'ab '.repeat(40)}`, 'ab-'.repeat(16) + 'ab'],
  ])('%j becomes %s', (description, name) => {
    expect(objectNames([named(description)]).get(sidOf(1))).toBe(name)
  })

  test('of an older sink does not change when another of the same description is made', () => {
    const old = named('Orders', 9, '2026-01-01T00:00:00Z')
    const young = named('orders!', 1, '2026-02-01T00:00:00Z')
    expect(objectNames([old]).get(old.sid)).toBe('orders')
    expect([...objectNames([young, old])].sort()).toEqual([
      [young.sid, 'orders-00000001'],
      [old.sid, 'orders'],
    ])
  })

  test('is valid, and each is given once, whatever people have written and in whatever order Twilio lists it', () => {
    const records = fc.uniqueArray(
      fc.record({
        sid: fc.integer({ min: 0, max: 40 }).map(sidOf),
        description: fc.oneof(
          fc.string({ unit: 'grapheme', maxLength: 80 }),
          fc.constantFrom('orders', 'orders-00000001', 'Sink 00000001', 'sink'),
        ),
        dateCreated: fc.constantFrom('', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'),
      }),
      { selector: ({ sid }) => sid, maxLength: 12 },
    )
    fc.assert(
      fc.property(records, (sinks) => {
        const names = objectNames(sinks)
        expect(new Set(names.values()).size).toBe(sinks.length)
        for (const name of names.values()) expect(name).toMatch(LABEL)
        expect([...objectNames([...sinks].reverse())].sort()).toEqual([...names].sort())
      }),
    )
  })
})
