import { expect, it } from 'vitest'
import { describeEnd } from '../../../src/twilio/call-observer.ts'

it('calls answered only what Twilio has answered: not what was never sent, nor what came to nothing', () => {
  expect(describeEnd({ status: 503, kind: 'transient' })).toBe('Twilio answered')
  expect(describeEnd({ status: 200 })).toBe('Twilio answered')
  for (const kind of ['not-sent', 'transient'] as const)
    expect(describeEnd({ kind })).not.toContain('answered')
  expect(describeEnd({ kind: 'not-sent' })).toContain('not sent')
})
