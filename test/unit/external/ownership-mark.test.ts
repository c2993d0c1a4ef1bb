import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  boundedDescription,
  isShortened,
  LARGEST_NUMBER,
  markedDescription,
  ownerOf,
  readMark,
  sameOwner,
} from '../../../src/external/ownership-mark.ts'
import { processorMs } from '../processor-time.ts'

const part = (length: number) =>
  fc
    .array(fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'), { minLength: length, maxLength: length })
    .map((characters) => characters.join(''))
const marks = fc.record({
  installation: part(6),
  object: part(12),
  number: fc.integer({ min: 0, max: LARGEST_NUMBER }),
})
const texts = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constant('\u{a0}'))
const MARK = '[k8s:aaaaaa/bbbbbbbbbbbb/1]'

it('is the one of the documented vectors, so that other programs can compute it', async () => {
  const page = await readFile('docs/ownership-mark.md', 'utf8')
  const vector = /^\| `(?<id>[^`]+)` \| `(?<key>[^`]+)` \| (?<number>\d+) \| `(?<mark>[^`]+)` \|$/gmu
  const rows = [...page.matchAll(vector)].map(({ groups = {} }) => groups)
  expect(rows.length).toBeGreaterThan(1)
  for (const { id = '', key = '', number, mark } of rows) {
    const owner = ownerOf(id, key)
    expect(markedDescription('Orders', { ...owner, number: Number(number) })).toBe(`Orders ${mark}`)
  }
})

it('is read back from every text, also when Twilio trims it, since without it a sink is lost', () => {
  fc.assert(
    fc.property(texts, marks, (text, mark) => {
      const marked = markedDescription(text, mark)
      expect(marked).toBe(marked.trim())
      expect(readMark(`\n ${marked}  `)).toEqual({ text: text.trim(), mark })
    }),
  )
})

it('is put on once: a text that was read gets the same description again, or it would drift for ever', () => {
  fc.assert(
    fc.property(texts, marks, (text, mark) => {
      const marked = markedDescription(text, mark)
      const read = readMark(marked)
      expect(read.mark === undefined ? undefined : markedDescription(read.text, read.mark)).toBe(marked)
    }),
  )
})

it('never throws, whatever stands in an account that others use, too', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        texts,
        texts.map((text) => `${text}[k8s:${text}`),
      ),
      (text) => {
        expect(readMark(text).text.length).toBeLessThanOrEqual(text.length)
      },
    ),
  )
})

it.each([
  ['followed by more text', `Orders ${MARK} and more`],
  ['in the middle', `Orders ${MARK} [k8s]`],
  ['in capitals', `Orders ${MARK.toUpperCase()}`],
  ['with a digit that base32 does not have', 'Orders [k8s:aaaaa1/bbbbbbbbbbbb/1]'],
  ['with a part that is too short', 'Orders [k8s:aaaaa/bbbbbbbbbbbb/1]'],
  ['without a number', 'Orders [k8s:aaaaaa/bbbbbbbbbbbb/]'],
  ['with a number too large', `Orders [k8s:aaaaaa/bbbbbbbbbbbb/${LARGEST_NUMBER + 1}]`],
])('is not read %s, which is the text of a person', (_, description) => {
  expect(readMark(description)).toEqual({ text: description, mark: undefined })
})

it('counts as the last of several, which is the one that the operator wrote', () => {
  const { text, mark } = readMark(`Orders ${MARK} [k8s:cccccc/dddddddddddd/2]`)
  expect(text).toBe(`Orders ${MARK}`)
  expect(mark).toEqual({ installation: 'cccccc', object: 'dddddddddddd', number: 2 })
})

it('has the same owner for every number, and another for another name or installation', () => {
  const owner = ownerOf('one', 'shop/orders')
  expect(sameOwner(owner, { ...ownerOf('one', 'shop/orders') })).toBe(true)
  expect(sameOwner(owner, ownerOf('two', 'shop/orders'))).toBe(false)
  expect(sameOwner(owner, ownerOf('one', 'shop/order'))).toBe(false)
})

it('is found at the end of a text that is cut, and at once, whatever stands before it', () => {
  for (const unit of [' ', 'a', 'a ', '[k8s:', MARK, '\n']) {
    const text = `Orders ${unit.repeat(200_000)} ${MARK}`
    const began = processorMs()
    expect(readMark(text).mark).toEqual(readMark(MARK).mark)
    const bounded = boundedDescription(text)
    expect(readMark(bounded).mark).toEqual(readMark(MARK).mark)
    expect(processorMs() - began).toBeLessThan(1_000)
    expect([isShortened(text.trim()), isShortened(bounded), bounded.length < 3_000]).toEqual([
      true,
      true,
      true,
    ])
  }
  expect([boundedDescription(` Orders ${MARK} `), isShortened(MARK)]).toEqual([`Orders ${MARK}`, false])
})
