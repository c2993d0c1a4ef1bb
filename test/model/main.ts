import { parseArgs } from 'node:util'
import { explore, type Explored } from './explore.ts'
import { MUTANTS } from './mutants.ts'
import { variantsTable, worldsTable, writeTable } from './page.ts'
import { loadProduct } from './product.ts'
import { MODEL_VARIANTS, type ModelVariant } from './variants.ts'
import type { ModelWorld } from './world.ts'
import { WORLDS } from './worlds.ts'

/** Explores the worlds with the product as it is, or with something undone. One line of JSON each with `--json`. */
const { values } = parseArgs({
  options: {
    states: { type: 'string', default: '2000' },
    world: { type: 'string' },
    undone: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    'write-page': { type: 'boolean', default: false },
  },
})
const isMeant = (world: string): boolean => values.world === undefined || values.world === world

if (values['write-page']) await writePage()
else if (values.undone) await undo(MODEL_VARIANTS)
else if (values.mutants) await undo(MUTANTS)
else process.exitCode = (await asItIs()).some(({ explored }) => explored.violation !== undefined) ? 1 : 0

async function asItIs(): Promise<{ world: ModelWorld; explored: Explored }[]> {
  const product = await loadProduct()
  const rows = []
  for (const world of WORLDS.filter(({ name }) => isMeant(name))) {
    const explored = await explore(product, world, Number(values.states) / world.weight)
    tell(world.name, explored)
    rows.push({ world, explored })
  }
  return rows
}

async function undo(
  variants: readonly ModelVariant[],
): Promise<{ variant: ModelVariant; explored: Explored }[]> {
  const rows = []
  for (const variant of variants.filter(({ world }) => isMeant(world))) {
    const world = WORLDS.find(({ name }) => name === variant.world)
    if (world === undefined) throw new Error(`There is no world "${variant.world}"`)
    const explored = await explore(await loadProduct(variant.edits), world, Number(values.states))
    tell(variant.name, explored)
    rows.push({ variant, explored })
  }
  return rows
}

async function writePage(): Promise<void> {
  await writeTable('worlds', worldsTable(await asItIs()))
  await writeTable('undone', variantsTable(await undo(MODEL_VARIANTS)))
}

function tell(name: string, explored: Explored): void {
  if (values.json) {
    console.log(JSON.stringify({ name, ...explored }))
    return
  }
  const { states, transitions, steps, exhausted, milliseconds, violation } = explored
  const figures = `${states} states, ${transitions} transitions, ${steps} steps of processes`
  console.log(`${name}: ${figures}${exhausted ? ', all' : ''}, ${milliseconds} ms`)
  if (violation !== undefined) console.log(`  ${[violation.broken, ...violation.path].join('\n  ')}`)
}
