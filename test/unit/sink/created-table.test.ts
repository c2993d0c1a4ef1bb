import { describe, expect, it } from 'vitest'
import type { Claim } from '../../../src/external/claim.ts'
import { CREATED_TABLE, classifyCreated, type CreatedObservation } from '../../../src/sink/created-table.ts'
import { observedSink, mark, OWNER, sid } from './observations.ts'

/** Every combination of what can be seen around a sink whose create has just been answered. */

const sink = observedSink({ sid: sid('a') })
const GONE = sid('b')
const ANOTHER = sid('c')
const claim = (by: Partial<Claim>): Claim => ({
  ...{ key: 'shop/other', uid: 'other', created: '2026-11-24T11:00:00Z', matches: true },
  kind: 'wished',
  ...by,
})

const FOUND: readonly CreatedObservation['found'][] = [
  undefined,
  'unreadable',
  ...['uid', 'another'].flatMap((uid) =>
    [undefined, GONE, ANOTHER, sink.sid].flatMap((recorded) =>
      [undefined, mark(1).number, 2].map((journal) => ({ uid, sid: recorded, journal })),
    ),
  ),
]
const CLAIMS: Readonly<Record<string, readonly Claim[]>> = {
  none: [],
  'a SID copied into a status': [claim({ kind: 'recorded' })],
  'recorded by another object': [claim({ kind: 'recorded', dateCreated: sink.dateCreated })],
  'imported by another object': [claim({})],
}
const eitherWay = [false, true]

const CASES: readonly CreatedObservation[] = FOUND.flatMap((found) =>
  Object.values(CLAIMS).flatMap((claims) =>
    eitherWay.flatMap((orphan) =>
      eitherWay.flatMap((crdDeleting) =>
        eitherWay.flatMap((held) =>
          [0, 5_000].map((crdKnownIn) => ({
            ...{ sink, attempt: 1, owner: OWNER, uid: 'uid', goneSid: GONE },
            ...{ found, claims, orphan, crdDeleting, held, crdKnownIn },
          })),
        ),
      ),
    ),
  ),
)

const effectIn = (o: CreatedObservation) => CREATED_TABLE[classifyCreated(o)]
const isThere = ({ found }: CreatedObservation): boolean =>
  found === 'unreadable' || (found !== undefined && (found.uid !== 'uid' || found.sid !== ANOTHER))
/** A SID alone can be written into a status by hand. */
const isClaimed = ({ claims }: CreatedObservation): boolean =>
  claims.some(({ kind, dateCreated }) => kind === 'wished' || dateCreated !== undefined)

describe('a sink that was just created', () => {
  it('is in each state in some case', () => {
    expect(new Set(CASES.map(classifyCreated))).toEqual(new Set(Object.keys(CREATED_TABLE)))
  })

  it('is recorded only in the object it was created for, over no SID but one that was proven gone', () => {
    for (const o of CASES.filter((one) => effectIn(one) === 'record')) {
      expect(o.found).toMatchObject({ uid: 'uid' })
      expect([undefined, GONE, sink.sid]).toContain(Object(o.found).sid)
      expect(o.found, 'no later create has begun').not.toMatchObject({ journal: 2 })
    }
  })

  it('is recorded whatever the account and the CRD say: nothing else leads back to it', () => {
    const fresh = CASES.filter(({ found }) => Object(found).uid === 'uid' && Object(found).sid === undefined)
    const open = fresh.filter(({ found }) => Object(found).journal !== 2)
    expect(open.length).toBeGreaterThan(0)
    expect(open.filter((o) => effectIn(o) !== 'record')).toEqual([])
  })

  it('is deleted exactly where no object can record it, none claims it, and it was not to stay', () => {
    for (const o of CASES) {
      const isSurplus = !isThere(o) && !isClaimed(o) && !o.orphan && !o.crdDeleting
      const isCertain = !o.held && o.crdKnownIn === 0
      expect(effectIn(o) === 'delete-created').toBe(isSurplus && isCertain)
      expect(effectIn(o) === 'wait').toBe(isSurplus && !isCertain)
    }
  })
})
