import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DESTINATION_FORMAT } from '../../../src/api/identifier.ts'
import { problemOf } from '../../../src/api/value-rule.ts'
import { DESTINATION_ROWS } from './destination-rows.ts'
import { processorMs } from '../processor-time.ts'

const [FORM, HOST] = DESTINATION_FORMAT.patterns
const MESSAGE = { form: FORM?.message, host: HOST?.message }

test.for(DESTINATION_ROWS)('%j is refused for: %s', ([destination, refused]) => {
  const expected = refused === undefined ? undefined : MESSAGE[refused]
  expect(problemOf(destination, DESTINATION_FORMAT)).toBe(expected)
})

test('what is accepted is a URL with the host that was written, so that no parser sees another one', () => {
  for (const [destination, refused] of DESTINATION_ROWS) {
    if (refused !== undefined) continue
    expect(destination.toLowerCase()).toContain(new URL(destination).hostname)
  }
})

test('of more than 2048 characters it is refused at once, as the API server refuses a literal', () => {
  const url = (length: number) => `https://a.example.com/${'x'.repeat(length - 22)}`
  expect(problemOf(url(2048), DESTINATION_FORMAT)).toBeUndefined()
  for (const long of [url(2049), '😀'.repeat(2049), 'a.'.repeat(500_000)]) {
    const began = processorMs()
    expect(problemOf(long, DESTINATION_FORMAT)).toMatch(/2048/u)
    expect(processorMs() - began).toBeLessThan(500)
  }
})

test('whatever the numbers, an address of a private network is refused', () => {
  const octet = fc.integer({ min: 0, max: 255 })
  const inPrivateNetwork = fc.oneof(
    fc.tuple(fc.constantFrom(10, 127), octet, octet, octet),
    fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
    fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), octet, octet),
  )
  const property = fc.property(inPrivateNetwork, (octets) => {
    expect(problemOf(`https://${octets.join('.')}/`, DESTINATION_FORMAT)).toBe(MESSAGE.host)
  })
  fc.assert(property, { numRuns: 300 })
})
