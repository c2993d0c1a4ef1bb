import fc from 'fast-check'
import { expect, it } from 'vitest'
import { markAbsent, sinkGone, type AbsenceContext } from '../../../src/account/absence.ts'
import { createLastSeen } from '../../../src/account/last-seen.ts'
import { withSink, type Snapshot } from '../../../src/account/snapshot.ts'
import { OWNER } from '../sink/observations.ts'
import { context, HISTORY_KEY, listed, missed, NOTHING, SETTLE, SINK } from './histories.ts'

/**
 * A sink that was made at moment 0 and is never deleted, and a Twilio that keeps its one promise: a reader who begins
 * a settle time later, or after that, finds it; an earlier one may or may not. A LIST of several pages may miss it at
 * any time, but no two in a row.
 */
interface Reading {
  readonly kind: 'get' | 'list'
  /** Milliseconds since the reading before ended. */
  readonly pause: number
  readonly takes: number
  readonly pages: number
  /** Hides the sink where the promise allows it. */
  readonly hides: boolean
}

const readings = (maxPages: number) =>
  fc.array(
    fc.record<Reading>({
      kind: fc.constantFrom('get', 'list', 'list'),
      pause: fc.integer({ min: 0, max: SETTLE / 2 }),
      takes: fc.integer({ min: 0, max: SETTLE / 4 }),
      pages: fc.integer({ min: 1, max: maxPages }),
      hides: fc.boolean(),
    }),
    { maxLength: 12 },
  )

/** The process was there when the sink was made, or leads only since later. */
const beginnings = fc.oneof(
  fc.constant({ leadingSince: 0, wrote: true }),
  fc.record({ leadingSince: fc.integer({ min: 0, max: SETTLE }), wrote: fc.constant(false) }),
)
type Beginning = typeof beginnings extends fc.Arbitrary<infer Value> ? Value : never

/** What the process knows after each reading. */
function* lived(
  history: readonly Reading[],
  { leadingSince, wrote }: Beginning,
): Iterable<{ readonly snapshot: Snapshot; readonly proofs: AbsenceContext }> {
  const lastSeen = createLastSeen()
  if (wrote) lastSeen.recordSeen(SINK, HISTORY_KEY, 0)
  let [now, slipped, snapshot]: [number, boolean, Snapshot] = [leadingSince, false, NOTHING]
  for (const { kind, pause, takes, pages, hides } of history) {
    const beganAt = now + pause
    now = beganAt + takes
    const slips: boolean = hides && kind === 'list' && pages > 1 && !slipped
    const hidden = slips || (hides && beganAt < SETTLE)
    if (kind === 'list') slipped = slips
    if (!hidden) lastSeen.recordSeen(SINK, HISTORY_KEY, now)
    if (kind === 'list') snapshot = listed(snapshot, beganAt, hidden ? [] : [SINK], pages)
    else snapshot = hidden ? missed(snapshot, now) : withSink(snapshot, SINK, { through: 'AC1', at: now })
    yield { snapshot, proofs: context({ lastSeen, leadingSince }) }
  }
}

it('is never proven of a recorded SID, whatever a Twilio that keeps its promise shows in whatever order', () => {
  fc.assert(
    fc.property(readings(1), beginnings, (history, beginning) => {
      for (const { snapshot, proofs } of lived(history, beginning))
        expect(sinkGone(snapshot, SINK.sid, proofs).confirmed).toBe(false)
    }),
    { numRuns: 2_000 },
  )
})

it('is never proven of a mark, over LISTs of several pages as well', () => {
  fc.assert(
    fc.property(readings(2), beginnings, (history, beginning) => {
      const mark = { owner: OWNER, above: 0, since: beginning.leadingSince + SETTLE }
      for (const { snapshot, proofs } of lived(history, beginning))
        expect(markAbsent(snapshot, mark, proofs).confirmed).toBe(false)
    }),
    { numRuns: 2_000 },
  )
})

it('is proven in the end where a sink is gone, else its object would wait for ever', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.boolean(), (at, paged) => {
      const lastSeen = createLastSeen()
      lastSeen.recordSeen(SINK, HISTORY_KEY, at)
      const proofs = context({ lastSeen })
      const pages = paged ? 2 : 1
      const answered = missed(listed(NOTHING, at, [SINK]), at + 5)
      const { from } = sinkGone(answered, SINK.sid, proofs)
      const once = listed(answered, from + 1, [], pages)
      expect(sinkGone(once, SINK.sid, proofs).confirmed).toBe(true)
      const twice = listed(once, from + 2, [], pages)
      expect(markAbsent(twice, { owner: OWNER, above: 0, since: 0 }, proofs).confirmed).toBe(true)
    }),
  )
})
