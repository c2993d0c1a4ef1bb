import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { baseUrlProblem, readBaseUrl } from '../../../src/twilio/http/base-url.ts'
import { descriptionForm, newSinkForm, testIdForm } from '../../../src/twilio/sinks-api.ts'

describe('forms', () => {
  it('are read back as they were meant, whatever the texts hold', () => {
    const anyText = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(
        anyText,
        anyText,
        fc.dictionary(fc.string(), anyText),
        (description, sinkType, configuration) => {
          const form = new URLSearchParams(newSinkForm({ description, sinkType, configuration }))
          expect(Object.fromEntries(form)).toMatchObject({ Description: description, SinkType: sinkType })
          expect(JSON.parse(form.get('SinkConfiguration') ?? '')).toEqual({ ...configuration })
          expect(new URLSearchParams(descriptionForm(description)).get('Description')).toBe(description)
          expect(new URLSearchParams(testIdForm(description)).get('TestId')).toBe(description)
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('the base URL', () => {
  it.each([
    ['https://events.twilio.com', 'https://events.twilio.com', ''],
    ['https://events.twilio.com/', 'https://events.twilio.com', ''],
    ['https://proxy.example:8443/twilio/', 'https://proxy.example:8443', '/twilio'],
    ['http://127.0.0.1:8089', 'http://127.0.0.1:8089', ''],
    ['http://[::1]:8089', 'http://[::1]:8089', ''],
    ['http://localhost', 'http://localhost', ''],
  ])('%s', (text, origin, prefix) => {
    expect(readBaseUrl(text)).toEqual({ origin, prefix })
  })

  it.each([
    '',
    'events.twilio.com',
    'http://events.twilio.com',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'https://user:canary@events.twilio.com',
    'https://events.twilio.com/?a=b',
    'https://events.twilio.com/#a',
    'ftp://127.0.0.1',
  ])('%j is refused, without being quoted', (text) => {
    expect(baseUrlProblem(text)).toBeDefined()
    expect(baseUrlProblem(text)).not.toContain('canary')
    expect(() => readBaseUrl(text)).toThrow(RangeError)
  })
})
