import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  BACKING_OFF,
  INITIAL,
  transition,
  type Happening,
  type ListWatchState,
  type ListWatchTrouble,
} from '../../../../src/kubernetes/cache/list-watch-state.ts'
import { backoffMs } from '../../../../src/time/waiting.ts'

const TROUBLES: readonly ListWatchTrouble[] = [
  'expired',
  'not-served',
  'refused',
  'overloaded',
  'silent',
  'malformed',
  'short',
  'broken',
]

const listing = { kind: 'listing', failures: 0 } as const
const checking = { kind: 'checking', version: '7', failures: 0 } as const
const watching = { kind: 'watching', version: '7', failures: 0 } as const

describe('list-watch', () => {
  test('begins with a LIST and watches from its version', () => {
    expect(INITIAL).toEqual(listing)
    expect(transition(listing, { kind: 'listed', version: '5' })).toEqual({ ...watching, version: '5' })
  })

  test.each(TROUBLES)('backs off after %s in any state, so that no mishap becomes a storm', (trouble) => {
    for (const state of [listing, checking, watching]) {
      expect(transition(state, { kind: 'failed', trouble })).toMatchObject({
        kind: 'backing-off',
        failures: 1,
      })
    }
  })

  test.each([
    ['expired', 'listing'],
    ['malformed', 'listing'],
    ['not-served', 'listing'],
    ['refused', 'checking'],
    ['overloaded', 'checking'],
    ['silent', 'checking'],
    ['short', 'checking'],
    ['broken', 'checking'],
  ] as const)('goes on with a watch that ended by %s with %s', (trouble, kind) => {
    const backingOff = transition(watching, { kind: 'failed', trouble })
    expect(transition(backingOff, { kind: 'waited' })).toMatchObject({ kind, failures: 1 })
  })

  test('lists anew after half a LIST, whatever went wrong', () => {
    for (const trouble of TROUBLES) {
      const backingOff = transition(listing, { kind: 'failed', trouble })
      expect(transition(backingOff, { kind: 'waited' })).toEqual({ ...listing, failures: 1 })
    }
  })

  test('lists when the API server is behind, and goes on from its own version otherwise', () => {
    expect(transition(checking, { kind: 'checked', isBehind: true })).toEqual(listing)
    expect(transition(checking, { kind: 'checked', isBehind: false })).toEqual(watching)
  })

  test('resumes at once after an end in order with a heartbeat, and checks after one without', () => {
    expect(transition(watching, { kind: 'ended', heard: true })).toEqual(watching)
    expect(transition(watching, { kind: 'ended', heard: false })).toEqual(checking)
  })

  test('takes a LIST alone for no success: only what a watch brings ends the growth of delays', () => {
    const listed = transition({ kind: 'listing', failures: 3 }, { kind: 'listed', version: '9' })
    expect(listed.failures).toBe(3)
    expect(transition(listed, { kind: 'heard', version: '10' })).toEqual({ ...watching, version: '10' })
  })

  test('waits 0.8 to 15 seconds, spread by chance', () => {
    expect([1, 2, 3].map((failures) => backoffMs(BACKING_OFF, failures))).toEqual([800, 1600, 3200])
    expect(backoffMs(BACKING_OFF, 1, 0.5)).toBe(1200)
    expect(backoffMs(BACKING_OFF, 2000, 0.9)).toBe(15_000)
  })
})

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant('listed' as const), version: fc.constantFrom('1', '2') }),
  fc.record({ kind: fc.constant('checked' as const), isBehind: fc.boolean() }),
  fc.record({ kind: fc.constant('heard' as const), version: fc.constantFrom('3', '4') }),
  fc.record({ kind: fc.constant('ended' as const), heard: fc.boolean() }),
  fc.record({ kind: fc.constant('failed' as const), trouble: fc.constantFrom(...TROUBLES) }),
  fc.constant<Happening>({ kind: 'waited' }),
)

/** What the work of each state can bring. */
const POSSIBLE: Record<ListWatchState['kind'], readonly Happening['kind'][]> = {
  listing: ['listed', 'failed'],
  checking: ['checked', 'failed'],
  watching: ['heard', 'ended', 'failed'],
  'backing-off': ['waited'],
}

test('whatever happens, a list-watch never ends, and never fails twice without waiting in between', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 100 }), (happenings) => {
      let state: ListWatchState = INITIAL
      let failedLast = false
      for (const one of happenings) {
        if (!POSSIBLE[state.kind].includes(one.kind)) continue
        if (one.kind === 'failed') expect(failedLast).toBe(false)
        failedLast = one.kind === 'failed' || (failedLast && one.kind !== 'waited')
        state = transition(state, one)
        expect(POSSIBLE[state.kind].length).toBeGreaterThan(0)
      }
    }),
  )
})
