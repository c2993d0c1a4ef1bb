import fc from 'fast-check'
import { expect, it } from 'vitest'
import { listedSince, settledBefore } from '../../../src/account/absence.ts'
import type { CompleteList } from '../../../src/account/snapshot.ts'
import { absenceConfirmableSince, NameRecords } from '../../../src/reconciler/memory/name-records.ts'

const SETTLE = 60
const NAMES = ['a', 'b']

/** One thing that happens `after` milliseconds after the one before. */
const step = fc.record({
  after: fc.integer({ min: 0, max: 3 * SETTLE }),
  name: fc.constantFrom(...NAMES),
  what: fc.constantFrom('arrive', 'replace', 'leave', 'release', 'list-begins', 'list-ends', 'list-ends'),
  pages: fc.constantFrom(1, 2),
})

/** Two logs see the same; one forgets what it may, the other nothing. */
function play(steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]) {
  const [forgetful, faithful] = [new NameRecords('installation'), new NameRecords('installation')]
  let now = 1000
  let uids = 0
  let forgotten = 0
  let lists: CompleteList[] = []
  const underWay: CompleteList[] = []
  for (const { after, name, what, pages } of steps) {
    now += after
    if (what === 'list-begins') underWay.push({ beganAt: now, pages })
    if (what === 'list-ends')
      lists = [underWay.shift(), ...lists].filter((one) => one !== undefined).slice(0, 2)
    if (what === 'replace' || what === 'arrive') uids += 1
    for (const log of [forgetful, faithful]) {
      if (what === 'arrive' || what === 'replace')
        log.present(name, { uid: String(uids), at: now, born: true, touched: false })
      if (what === 'leave') log.left(name, now)
      if (what === 'release') log.confirmedGone(name)
    }
    const before = settledBefore([...lists, ...underWay, { beganAt: now, pages: 1 }], SETTLE)
    for (const key of forgetful.leftBefore(before)) {
      forgotten += 1
      forgetful.forget(key)
    }
    const inputs = { settle: SETTLE, leadingSince: 0, journalClosed: false }
    for (const key of NAMES) {
      const proven = [forgetful, faithful].map((log) =>
        listedSince(lists, absenceConfirmableSince(log.of(key), inputs)),
      )
      expect(proven[0], `${what} of ${name} at ${now}`).toBe(proven[1])
    }
  }
  return forgotten
}

it('gives every proof as if nothing had been forgotten', () => {
  let forgotten = 0
  const history = fc.array(step, { minLength: 10, maxLength: 60 })
  fc.assert(
    fc.property(history, (steps) => {
      forgotten += play(steps)
    }),
    { numRuns: 2000 },
  )
  expect(forgotten, 'a test in which nothing is forgotten says nothing').toBeGreaterThan(100)
})
