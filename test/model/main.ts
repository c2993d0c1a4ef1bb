import { parseArgs } from 'node:util'
import { explore, type Explored } from './explore.ts'
import { loadProduct } from './product.ts'
import { VARIANTS } from './variants.ts'
import { WORLDS } from './worlds.ts'

/**
 * Explores the worlds with the product as it is, or with `--variants` each undone wording in the world that must find it.
 * One line of JSON each with `--json`, else for people.
 */
const { values } = parseArgs({
  options: {
    states: { type: 'string', default: '2000' },
    world: { type: 'string' },
    variants: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

for await (const explored of values.variants ? undone() : real()) tell(explored)

async function* real(): AsyncGenerator<{ name: string; explored: Explored }> {
  const product = await loadProduct()
  for (const world of WORLDS) {
    if (values.world !== undefined && values.world !== world.name) continue
    yield { name: world.name, explored: await explore(product, world, Number(values.states) / world.weight) }
  }
}

async function* undone(): AsyncGenerator<{ name: string; explored: Explored }> {
  for (const { name, edits, world: within } of VARIANTS) {
    if (values.world !== undefined && values.world !== within) continue
    const product = await loadProduct(edits)
    const world = WORLDS.find((one) => one.name === within)
    if (world === undefined) throw new Error(`There is no world "${within}"`)
    yield { name, explored: await explore(product, world, Number(values.states) / world.weight) }
  }
}

function tell({ name, explored }: { name: string; explored: Explored }): void {
  if (values.json) {
    console.log(JSON.stringify({ name, ...explored }))
    return
  }
  const { states, transitions, steps, exhausted, milliseconds, violation } = explored
  const figures = `${states} states, ${transitions} transitions, ${steps} steps`
  console.log(`${name}: ${figures}${exhausted ? ', exhausted' : ''}, ${milliseconds} ms`)
  if (violation !== undefined) console.log(`  ${[violation.broken, ...violation.path].join('\n  ')}`)
}
