import { expect, it } from 'vitest'
import { wantedDescription } from '../../../src/sink/difference.ts'
import { markedDescription, readMark } from '../../../src/external/ownership-mark.ts'
import { object, said } from './facets.ts'
import { observedSink, fresh, mark, settled, sid } from './observations.ts'

const withoutMark = observedSink({ description: 'Orders' })

it('keeps the number of our mark, since it says which attempt made the sink', () => {
  const sink = observedSink({ description: markedDescription('Old words', mark(7)) })
  expect(wantedDescription(settled(), sink)).toBe(markedDescription('Orders', mark(7)))
})

it('puts back a mark that was lost, with a number that does not look like a successor', () => {
  const restored = (createAttempt: number | undefined) =>
    readMark(wantedDescription(said({ createAttempt })(settled()), withoutMark)).mark
  expect(restored(4)).toEqual(mark(4))
  expect(restored(undefined)).toEqual(mark(1))
})

it('leaves an import without mark, since importing changes nothing at Twilio', () => {
  expect(wantedDescription(object({ importSid: sid('a') })(fresh()), withoutMark)).toBe('Orders')
})

it('keeps the mark of an import that has one, which is how a Sink is renamed', () => {
  const o = object({ importSid: sid('a') })(fresh())
  const sink = observedSink({ description: markedDescription('Orders', mark(3)) })
  expect(wantedDescription(o, sink)).toBe(sink.description)
})
