import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MODEL_VARIANTS as WORDINGS } from '../model/variants.ts'
import { scenariosOf, testsNamedIn } from '../faults/variants/scenarios-page.ts'
import { sameTest, type TestName } from '../faults/variants/test-name.ts'
import { editedText } from '../faults/variants/variant.ts'
import { VARIANTS } from '../faults/variants/variants.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

const SCENARIOS = scenariosOf(read('docs/failure-scenarios.md'))
/** Packaging, load, and what is out of scope: the page says so. */
const ELSEWHERE = ['C6', 'C20', 'C26', 'C28', 'C30', 'C32', 'C35', 'C38', 'C41']
const NUMBERED = Array.from({ length: 45 }, (_, index) => `C${index + 1}`)
/** What reviews of this operator have found, by their numbers there. */
const FOUND_HERE = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
  ...[
    14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
    40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65,
  ],
].map((number) => `F${number}`)
/** Rows whose breaking leaks, destroys or betrays something. */
const GRAVE = SCENARIOS.filter(({ severity }) => severity.some((letter) => 'LDX'.includes(letter)))

const problemWith = ({ file, title }: TestName): string | undefined => {
  if (!existsSync(join(ROOT, file))) return `${file} does not exist`
  const quotes = ["'", '`', '"'].map((quote) => `${quote}${title}${quote}`)
  const text = read(file).replaceAll("\\'", "'")
  return quotes.some((quoted) => text.includes(quoted)) ? undefined : `${file} has no test "${title}"`
}

describe('the page of the failure scenarios', () => {
  it('has each scenario once, in order, but those that it says are covered elsewhere', () => {
    const ids = SCENARIOS.map(({ id }) => id)
    expect(ids).toEqual([...NUMBERED.filter((id) => !ELSEWHERE.includes(id)), ...FOUND_HERE])
    const prose = read('docs/failure-scenarios.md').split('| # |')[0] ?? ''
    expect(ELSEWHERE.filter((id) => !new RegExp(`\\b${id}\\b`, 'u').test(prose))).toEqual([])
  })

  it('names tests that exist, and at least one for each scenario', () => {
    const named = testsNamedIn(read('docs/failure-scenarios.md'))
    expect(named.length).toBeGreaterThan(SCENARIOS.length)
    expect(named.map(problemWith).filter(Boolean)).toEqual([])
    expect(SCENARIOS.filter(({ tests }) => tests.length === 0).map(({ id }) => id)).toEqual([])
  })
})

describe('a page that promises what tests show', () => {
  it.each([
    ['docs/security.md', 20],
    ['docs/reliability/limits.md', 15],
  ])('%s names tests that exist', (page, most) => {
    const named = testsNamedIn(read(page))
    expect(named.length).toBeGreaterThan(most)
    expect(named.map(problemWith).filter(Boolean)).toEqual([])
  })
})

describe('the variants of the product', () => {
  it('break each scenario of a leak, a loss or a breach, and are noticed by a test of its row', () => {
    expect(GRAVE.length).toBeGreaterThan(10)
    const broken = VARIANTS.flatMap(({ breaks }) => breaks)
    expect(GRAVE.filter(({ id }) => !broken.includes(id)).map(({ id }) => id)).toEqual([])
    const strangers = VARIANTS.filter(({ breaks, noticedBy }) =>
      breaks.some((row) => {
        const scenario = SCENARIOS.find(({ id }) => id === row)
        return scenario?.tests.some((test) => sameTest(test, noticedBy)) !== true
      }),
    )
    expect(strangers.map(({ name }) => name)).toEqual([])
  })

  it('have names of their own and break something', () => {
    expect(new Set(VARIANTS.map(({ name }) => name)).size).toBe(VARIANTS.length)
    expect(VARIANTS.filter(({ breaks, edits }) => breaks.length === 0 || edits.length === 0)).toEqual([])
  })

  it.each(VARIANTS)('$name: still fits the source, else nobody sees that it breaks nothing', ({ edits }) => {
    for (const edit of edits) expect(editedText(read(edit.file), edit)).not.toBe(read(edit.file))
  })
})

it.each(WORDINGS)('the model can undo "$name": each text stands once in the source', ({ edits }) => {
  for (const { file, from } of edits) expect(read(file).split(from), from).toHaveLength(2)
})
