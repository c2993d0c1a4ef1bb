import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Explored } from './explore.ts'
import { MUTANTS } from './mutants.ts'
import { PAGE } from './page.ts'
import { MODEL_VARIANTS } from './variants.ts'
import { WORLDS } from './worlds.ts'

/**
 * The product's own reconciles in small closed worlds, explored breadth first; then with a wording of the design undone, which
 * the world that is about it must notice. `npm run test:model -- --states 100000` goes further.
 */

/** Broken by what the operator did, not by an error of the variant. */
const PROMISES = /^(two|lost|wrong one|write|rest)/u

type Line = Explored & { readonly name: string }

/** Milliseconds: processor time alone, on a machine that does other things too. */
const PATIENCE = 600_000
const MAIN = new URL('main.ts', import.meta.url).pathname

async function run(...options: string[]): Promise<ReadonlyMap<string, Line>> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--json', ...options])
  const lines = stdout.trim().split('\n')
  return new Map(lines.map((line) => JSON.parse(line) as Line).map((line) => [line.name, line]))
}

const pathOf = (line: Line | undefined): string =>
  line?.violation === undefined ? '' : [line.violation.broken, ...line.violation.path].join('\n')

describe('the product', () => {
  let found: ReadonlyMap<string, Line>
  beforeAll(async () => {
    found = await run('--states', '1000')
  }, PATIENCE)

  it.each(WORLDS)('keeps its promises in the world "$name", which looks for $looksFor', ({ name }) => {
    expect(pathOf(found.get(name))).toBe('')
    expect(found.get(name)?.states).toBeGreaterThan(10)
  })
})

describe('with a wording of the design undone', () => {
  let found: ReadonlyMap<string, Line>
  beforeAll(async () => {
    found = await run('--undone', '--states', '4000')
  }, PATIENCE)

  it.each(MODEL_VARIANTS)('the world "$world" finds $name', ({ name }) => {
    expect(found.get(name)?.violation?.broken).toMatch(PROMISES)
  })
})

describe('with one row of the tables in place of another', () => {
  let found: ReadonlyMap<string, Line>
  beforeAll(async () => {
    found = await run('--mutants', '--states', '4000')
  }, PATIENCE)

  it.each(MUTANTS)('the world "$world" finds $name', ({ name }) => {
    expect(found.get(name)?.violation?.broken).toMatch(PROMISES)
  })
})

describe('the page of the model', () => {
  const page = readFileSync(PAGE, 'utf8')

  it('has each world and each wording, as the last run that wrote it found them', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| '))
    const named = (name: string): boolean => rows.some((row) => row.startsWith(`| ${name} |`))
    expect([...WORLDS, ...MODEL_VARIANTS].map(({ name }) => name).filter((name) => !named(name))).toEqual([])
    expect(rows.filter((row) => row.endsWith('| nothing |'))).toHaveLength(WORLDS.length)
  })
})
