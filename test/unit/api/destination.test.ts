import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DESTINATION_FORMAT, EXTERNAL_ID_FORMAT, WRITE_KEY_FORMAT } from '../../../src/api/identifier.ts'
import { causeOf, problemOf } from '../../../src/api/value-rule.ts'
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

test.for([
  ['a line break at its end', 'https://hooks.example.com/twilio\n', 'line break'],
  ['a line break of Windows', 'https://hooks.example.com/twilio\r\n', 'line break'],
  ['a blank before it', ' https://hooks.example.com/twilio', 'blank'],
  ['an @ in its password', 'https://user:p@ss@hooks.example.com/twilio', '%40'],
  ['an @ in its password, and a line break', 'https://user:p@ss@hooks.example.com/twilio\n', '%40'],
  ['a host in Unicode', 'https://hooks.münchen.example/twilio', 'punycode'],
  ['a host in Unicode behind a user name', 'https://üser:pass@münchen.example', 'punycode'],
])(
  'a value from a Secret with %s is told what to do about it, and quoted nowhere',
  ([, value = '', hint = '']) => {
    const told = causeOf(value, DESTINATION_FORMAT) ?? ''
    expect(told).toMatch(/^must /u)
    expect(told).toContain(hint)
    expect(told).not.toContain('example.com')
    expect(told).not.toContain('p@ss')
  },
)

test('a value from a Secret that is wrong in another way is told the rule that it breaks', () => {
  for (const [destination, refused] of DESTINATION_ROWS) {
    const rule = refused === undefined ? undefined : MESSAGE[refused]
    const told = causeOf(destination, DESTINATION_FORMAT)
    if (told !== rule) expect(told, destination).toMatch(/line break|%40|punycode/u)
  }
  const wrong = ['https://hooks.example.com:99999/ü', 'https://üser@hooks.example.com:0/', 'https://\n', '\n']
  for (const value of wrong) expect(causeOf(value, DESTINATION_FORMAT), value).toBe(MESSAGE.form)
})

test.for([
  ['an external id', EXTERNAL_ID_FORMAT, 'shop-1'],
  ['a write key', WRITE_KEY_FORMAT, 'abcdef'],
] as const)('%s with a line break at its end is told just that', ([, format, value]) => {
  expect(causeOf(value, format)).toBeUndefined()
  expect(causeOf(`${value}\n`, format)).toContain('line break')
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
