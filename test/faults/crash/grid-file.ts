import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { VERSION } from '../../../src/version.ts'
import { FAULTS } from './faults.ts'
import { gridText, withGrid } from './grid.ts'
import { planOf } from './plan.ts'
import type { Results } from './results.ts'
import { SCENARIOS } from './scenarios/all.ts'

const PAGE = fileURLToPath(new URL('../../../docs/reliability/evidence.md', import.meta.url))

/** Writes what has been run into docs/reliability/evidence.md; throws when the requests of a scenario are not known. */
export function writeGrid(results: Results, digest: string): void {
  const lists = results.requests()
  const missing = SCENARIOS.filter(({ name }) => !(name in lists)).map(({ name }) => name)
  if (missing.length > 0) throw new Error(`Not run for these sources yet: ${missing.join(', ')}`)
  const text = gridText({
    version: VERSION,
    date: new Date().toISOString().slice(0, 10),
    digest,
    cells: planOf(lists, FAULTS),
    results: results.all(),
    scenarios: SCENARIOS,
    faults: FAULTS,
  })
  writeFileSync(PAGE, withGrid(readFileSync(PAGE, 'utf8'), text))
}
