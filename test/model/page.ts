import { readFile, writeFile } from 'node:fs/promises'
import { withGeneratedPart } from '../../tools/generated-part.ts'
import { markdownTable } from '../../tools/markdown-table.ts'
import type { Explored } from './explore.ts'
import type { ModelVariant } from './variants.ts'
import type { ModelWorld } from './world.ts'

/** The figures of docs/model.md, as a run has found them. */

export const PAGE = new URL('../../docs/model.md', import.meta.url)

export const worldsTable = (rows: readonly { world: ModelWorld; explored: Explored }[]): string =>
  markdownTable(
    ['world', 'looks for', 'states', 'all', 'found'],
    rows.map(({ world: { name, looksFor }, explored: { states, exhausted, violation } }) => [
      name,
      looksFor,
      states.toLocaleString('en'),
      exhausted ? 'yes' : 'no',
      violation?.broken ?? 'nothing',
    ]),
  )

export const variantsTable = (rows: readonly { variant: ModelVariant; explored: Explored }[]): string =>
  markdownTable(
    ['undone', 'found by', 'after states', 'in steps', 'as'],
    rows.map(({ variant: { name, world }, explored: { states, violation } }) => [
      name,
      world,
      states.toLocaleString('en'),
      String(violation?.path.filter((step) => step.startsWith('tick')).length ?? 0),
      violation?.broken ?? 'not found',
    ]),
  )

/** Puts a table into its place on the page, between `<!-- name -->` and `<!-- /name -->`. */
export async function writeTable(name: string, table: string): Promise<void> {
  const page = await readFile(PAGE, 'utf8')
  const marks = { begin: `<!-- ${name} -->`, end: `<!-- /${name} -->` }
  await writeFile(PAGE, withGeneratedPart(page, marks, table))
}
