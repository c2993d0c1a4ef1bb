import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Explored } from './explore.ts'
import { VARIANTS } from './variants.ts'
import { WORLDS } from './worlds.ts'

/**
 * The product's own passes in small closed worlds, explored breadth first; then with a wording of the design undone, which
 * the world that is about it must notice. `npm run test:model -- --states 100000` goes further.
 */

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
    found = await run('--states', '800')
  }, PATIENCE)

  it.each(WORLDS)('keeps its promises in the world "$name", which looks for $looksFor', ({ name }) => {
    expect(pathOf(found.get(name))).toBe('')
    expect(found.get(name)?.states).toBeGreaterThan(10)
  })
})

describe('with a wording of the design undone', () => {
  let found: ReadonlyMap<string, Line>
  beforeAll(async () => {
    found = await run('--variants', '--states', '4000')
  }, PATIENCE)

  it.each(VARIANTS)('"$world" finds $name', ({ name }) => {
    expect(found.get(name)?.violation?.broken).toMatch(/^(two|lost|wrong one|rest)/u)
  })
})
