import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isApproved, nextHold, type Evidence, type Hold, type Approval } from '../../../src/account/hold.ts'

const KEY = 'SK1'
const NOW = Date.parse('2026-11-24T10:00:00Z')
const LATER = NOW + 60_000

const sids = (count: number, from = 0): string[] => Array.from({ length: count }, (_, n) => `DG${from + n}`)
/** Sinks that the key, or one of the same account, has made or shown. */
const missing = (count: number, living = true, from = 0) =>
  sids(count, from).map((sid) => ({ sid, living, witnessed: true, stray: false }))
/** Sinks of which the key knows nothing. */
const unheard = (count: number, living = true) =>
  sids(count).map((sid) => ({ sid, living, witnessed: false, stray: false }))
const attempt = (id: string, attested = true) => ({ id, attested })
const evidence = (by: Partial<Evidence> = {}): Evidence => ({
  key: KEY,
  living: 20,
  missing: [],
  openAttempts: [],
  seenElsewhere: [],
  ...by,
})
const evaluate = (by: Partial<Evidence>, before?: Hold, release: Partial<Approval> = {}): Hold | undefined =>
  nextHold(before, evidence(by), { allowedAt: undefined, now: NOW, ...release })
const covered = (hold: Hold | undefined): string[] => hold?.items.map(({ id }) => id) ?? []
const releasedNow = { allowedAt: LATER - 1_000, now: LATER }

describe('a key that is no witness', () => {
  it('holds as soon as one recorded sink is missing, also one of an object that is being deleted', () => {
    for (const living of [true, false])
      expect(evaluate({ missing: unheard(1, living) })?.reason).toBe('UnprovenCredential')
  })

  it('holds while a create that this process has sent through another key has no known end', () => {
    expect(evaluate({ openAttempts: [attempt('shop/orders#3')] })).toMatchObject({
      reason: 'UnprovenCredential',
      items: [{ kind: 'OpenAttempt', id: 'shop/orders#3' }],
    })
  })

  it('holds nobody for what only an annotation tells, and remembers it so that it can be released', () => {
    const hold = evaluate({ openAttempts: [attempt('shop/orders#3', false)] })
    expect(hold?.reason).toBeUndefined()
    expect(isApproved(hold, KEY, { kind: 'OpenAttempt', id: 'shop/orders#3' })).toBe(false)
    const after = evaluate({ openAttempts: [attempt('shop/orders#3', false)] }, hold, releasedNow)
    expect(isApproved(after, KEY, { kind: 'OpenAttempt', id: 'shop/orders#3' })).toBe(true)
  })

  it('holds nothing where nothing is recorded: the first sink of an installation must be made through it', () => {
    expect(evaluate({ living: 0 })).toBeUndefined()
  })

  it('no longer holds once it is a witness, also while a few sinks are still missing', () => {
    const held = evaluate({ missing: unheard(6) })
    expect(evaluate({ missing: missing(4) }, held)?.reason).toBeUndefined()
  })

  it('holds for the one of which it knows nothing, whatever else it is a witness for', () => {
    const one = { sid: 'DG99', living: true, witnessed: false, stray: false }
    expect(evaluate({ missing: [...missing(3), one] })?.reason).toBe('UnprovenCredential')
  })
})

describe('a witness', () => {
  it.each([
    ['four of four: too few', 4, 4, false],
    ['five of five', 5, 5, true],
    ['five of 25: a fifth', 5, 25, true],
    ['five of 26: less than a fifth', 5, 26, false],
    ['fifty of 251: less than a fifth', 50, 251, false],
    ['51 of 251', 51, 251, true],
  ])('holds when many sinks are missing: %s', (_, count, living, holds) => {
    expect(evaluate({ living, missing: missing(count) })?.reason).toBe(
      holds ? 'MassDisappearance' : undefined,
    )
  })

  it('does not count the sinks of objects that are being deleted: that is how many go at once', () => {
    expect(evaluate({ missing: [...missing(4), ...missing(10, false, 4)] })).toBeUndefined()
  })

  it('holds until the last of them is back, and then no longer', () => {
    const held = evaluate({ missing: missing(10) })
    expect(evaluate({ missing: missing(1) }, held)?.reason).toBe('MassDisappearance')
    expect(evaluate({}, held)).toBeUndefined()
  })

  it('still holds when their objects are deleted meanwhile: their finalizers are just what is held', () => {
    const held = evaluate({ missing: missing(10) })
    expect(evaluate({ living: 10, missing: missing(10, false) }, held)?.reason).toBe('MassDisappearance')
  })

  it('goes on holding after a conflict with another account, and takes no few sinks for many', () => {
    for (const [count, reason] of [
      [1, undefined],
      [10, 'MassDisappearance'],
    ] as const) {
      const both = evaluate({ missing: missing(count), seenElsewhere: ['DG100'] })
      expect(both?.reason).toBe('SeenInAnotherAccount')
      expect(evaluate({ missing: missing(count) }, both)?.reason).toBe(reason)
    }
  })

  it('comes to cover what goes missing during the hold', () => {
    const held = evaluate({ missing: missing(10) })
    expect(covered(evaluate({ missing: missing(11) }, held))).toHaveLength(11)
  })
})

describe('what two accounts show', () => {
  it('holds, whatever the key has shown', () => {
    for (const one of [missing(1), unheard(1)])
      expect(evaluate({ missing: one, seenElsewhere: ['DG1'] })?.reason).toBe('SeenInAnotherAccount')
  })

  it('is no longer held when the other account shows something else', () => {
    expect(evaluate({}, evaluate({ seenElsewhere: ['DG1'] }))).toBeUndefined()
  })

  it('does not make a sink count as missing: a release of it believes no absence', () => {
    const held = evaluate({ seenElsewhere: ['DG1'] })
    const after = evaluate({ seenElsewhere: ['DG1'] }, held, releasedNow)
    expect(after?.reason).toBeUndefined()
    expect(isApproved(after, KEY, { kind: 'SeenElsewhere', id: 'DG1' })).toBe(true)
    expect(isApproved(after, KEY, { kind: 'MissingSink', id: 'DG1' })).toBe(false)
  })
})

describe('a release', () => {
  const held = evaluate({ missing: missing(10) })

  it.each([
    ['after the hold began', NOW + 1, undefined],
    ['at the very moment it began', NOW, 'MassDisappearance'],
    ['before it began: an old annotation never releases a new hold', NOW - 1, 'MassDisappearance'],
    ['in the future: not yet', LATER + 1, 'MassDisappearance'],
    ['now', LATER, undefined],
  ])('counts from the time it names: %s', (_, allowedAt, reason) => {
    expect(evaluate({ missing: missing(10) }, held, { allowedAt, now: LATER })?.reason).toBe(reason)
  })

  it('counts soon for a hold that began by a clock that was ahead', () => {
    const ahead = evaluate({ missing: missing(10) }, undefined, { now: NOW + 86_400_000 })
    const right = evaluate({ missing: missing(10) }, ahead, { allowedAt: NOW - 1, now: NOW })
    expect(right?.reason).toBe('MassDisappearance')
    expect(evaluate({ missing: missing(10) }, right, releasedNow)?.reason).toBeUndefined()
  })

  it('covers what was missing then, and nothing that goes missing after it', () => {
    const after = evaluate({ missing: missing(10) }, held, releasedNow)
    const later = evaluate({ missing: missing(15) }, after, { ...releasedNow, now: LATER + 1_000 })
    expect(later?.reason).toBe('MassDisappearance')
    expect(isApproved(later, KEY, { kind: 'MissingSink', id: 'DG9' })).toBe(true)
    expect(isApproved(later, KEY, { kind: 'MissingSink', id: 'DG10' })).toBe(false)
  })

  it('does not cover one that is back and goes missing again', () => {
    const after = evaluate({ missing: missing(10) }, held, releasedNow)
    const back = evaluate({ missing: missing(9) }, after, releasedNow)
    const again = evaluate({ missing: missing(10) }, back, releasedNow)
    expect(isApproved(again, KEY, { kind: 'MissingSink', id: 'DG9' })).toBe(false)
  })

  it('counts for no other key', () => {
    const unproven = evaluate({ missing: unheard(3) })
    expect(evaluate({ missing: unheard(3) }, unproven, releasedNow)?.reason).toBeUndefined()
    const other = evaluate({ key: 'SK2', missing: unheard(3) }, unproven, releasedNow)
    expect(other?.reason).toBe('UnprovenCredential')
    expect(isApproved(other, 'SK2', { kind: 'MissingSink', id: 'DG0' })).toBe(false)
  })

  it('covers an open create and lets the key that shows nothing go on', () => {
    const unproven = { missing: unheard(1), openAttempts: [attempt('shop/orders#3')] }
    const after = evaluate(unproven, evaluate(unproven), releasedNow)
    expect(after?.reason).toBeUndefined()
    expect(isApproved(after, KEY, { kind: 'OpenAttempt', id: 'shop/orders#3' })).toBe(true)
  })

  it('is taken back with its annotation, for what is still missing', () => {
    const after = evaluate({ missing: missing(10) }, held, releasedNow)
    expect(evaluate({ missing: missing(2) }, after)?.reason).toBe('MassDisappearance')
  })
})

it('never begins by waiting, and never ends but by what comes back or by a release', () => {
  const doubts = fc.record({
    living: fc.integer({ min: 0, max: 30 }),
    missing: fc
      .uniqueArray(fc.integer({ min: 0, max: 12 }))
      .map((all) =>
        all.map((n) => ({ sid: `DG${n}`, living: n % 3 > 0, witnessed: n % 2 > 0, stray: false })),
      ),
    openAttempts: fc.subarray([attempt('shop/a#1'), attempt('shop/b#2', false)]),
    seenElsewhere: fc.subarray(['DG100', 'DG101']),
  })
  fc.assert(
    fc.property(doubts, fc.integer({ min: 1, max: 1e9 }), (found, wait) => {
      const first = evaluate(found)
      expect(evaluate(found, first, { now: NOW + wait })).toEqual(first)
      const released = evaluate(found, first, { allowedAt: NOW + wait, now: NOW + wait })
      expect(released?.reason).toBeUndefined()
      expect(evaluate(found, released, { allowedAt: NOW + wait, now: NOW + 2 * wait })).toEqual(released)
    }),
  )
})
