import { describe, expect, it } from 'vitest'
import { mayHaveBeenProcessed, TwilioFailure, type FailureKind } from '../../../src/external/failure.ts'
import { refusalMessage, shownFailure, words } from '../../../src/sink/messages.ts'
import type { Refusal } from '../../../src/sink/observation.ts'

const LITERAL = { fromSecret: [] }
const FROM_SECRET = { fromSecret: ['destination'] }

const FACTS = {
  kind: 'refused',
  code: 91000,
  status: 400,
  message: 'Invalid sink.',
  moreInfo: 'https://www.twilio.com/docs/errors',
  requestId: 'RQ1',
  retryAfterMs: 1000,
} as const

describe('a failure', () => {
  it('carries all that is known, and its cause where there is one', () => {
    const cause = new Error('socket')
    const failure = new TwilioFailure(FACTS, cause)
    expect(failure).toMatchObject({ name: 'TwilioFailure', ...FACTS, cause })
    expect(new TwilioFailure({ kind: 'transient', message: 'reset' })).not.toHaveProperty('cause')
  })

  it('leaves a doubt only when nothing is certain, since a doubt costs a settle time', () => {
    const certain: readonly FailureKind[] = [
      'not-sent',
      'rate-limited',
      'unauthorized',
      'forbidden',
      'refused',
    ]
    const other: readonly FailureKind[] = ['not-found', 'in-use', 'quota', 'conflict']
    expect([...certain, ...other].filter(mayHaveBeenProcessed)).toEqual([])
    expect(mayHaveBeenProcessed('transient')).toBe(true)
  })
})

describe('what is said of a refusal', () => {
  const refusal = (reason: Refusal['reason'], by: Partial<Refusal> = {}): Refusal => ({
    reason,
    failure: FACTS,
    said: undefined,
    attempt: 1,
    retryAt: 0,
    ...by,
  })

  it.each(['CreateRefused', 'QuotaExceeded'] as const)(
    '%s shows code, words and link of Twilio',
    (reason) => {
      const message = refusalMessage(refusal(reason), LITERAL)
      for (const part of ['91000', 'Invalid sink', FACTS.moreInfo]) expect(message).toContain(part)
      expect(message).not.toContain(FACTS.requestId)
    },
  )

  it('is our meaning where a value comes from a Secret, since Twilio may quote a part of it', () => {
    const failure = { ...FACTS, message: 'Our meaning.', words: 'Cannot use canary' }
    expect(refusalMessage(refusal('CreateRefused', { failure }), LITERAL)).toContain('canary')
    const message = refusalMessage(refusal('CreateRefused', { failure }), FROM_SECRET)
    expect(message).not.toContain('canary')
    for (const part of ['91000', 'Our meaning', FACTS.moreInfo]) expect(message).toContain(part)
    expect(JSON.stringify(shownFailure(new TwilioFailure(failure), FROM_SECRET))).not.toContain('canary')
  })

  it('is what was said before when Twilio was not asked since the start, so that nothing is written', () => {
    expect(
      refusalMessage(refusal('CreateRefused', { failure: undefined, said: 'As before.' }), LITERAL),
    ).toBe('As before.')
    expect(refusalMessage(refusal('CreateRefused', { said: 'As before.' }), LITERAL)).not.toBe('As before.')
  })

  it('is a sentence without anything of Twilio, too', () => {
    for (const reason of ['CreateRefused', 'QuotaExceeded', 'RecreatedTooOften'] as const) {
      expect(refusalMessage(refusal(reason, { failure: undefined }), LITERAL)).toMatch(/^[A-Z].*\.$/su)
    }
    expect(words(undefined)).toBe('.')
    expect(words({ kind: 'transient', message: 'Socket closed...' })).toBe(': Socket closed.')
    expect(words({ kind: 'refused', code: 20001, message: 'No' })).toBe(': 20001 No.')
  })
})
