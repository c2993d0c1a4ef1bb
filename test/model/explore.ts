import { createHash } from 'node:crypto'
import { boot, settle, type Course, type Exploration } from './course.ts'
import { movesFrom } from './moves.ts'
import { createProcessTable } from './process.ts'
import type { Product } from './product.ts'
import { createRest } from './rest.ts'
import { keyOf, type State } from './state.ts'
import type { ModelWorld } from './world.ts'

export interface Violation {
  readonly broken: string
  /** The shortest way there, one line per step. */
  readonly path: readonly string[]
}

export interface Explored {
  readonly world: string
  readonly states: number
  readonly transitions: number
  /** Steps of processes that were really run. */
  readonly steps: number
  /** Every state was reached that can be. */
  readonly exhausted: boolean
  readonly violation: Violation | undefined
  readonly milliseconds: number
}

interface Node {
  readonly state: State
  readonly parent: Node | undefined
  readonly line: string
}

/** Breadth first, so that the first violation is a shortest one. */
export async function explore(product: Product, world: ModelWorld, most: number): Promise<Explored> {
  const began = performance.now()
  const x = explorationOf(product, world)
  const first = await beginning(x)
  const root: Node = { state: first.state, parent: undefined, line: line(first.state, 'start', first.notes) }
  const search: Search = {
    x,
    most,
    seen: new Set([digest(first.state)]),
    rest: createRest(x),
    transitions: 0,
    violation: violationOf(first.broken, root),
    exhausted: true,
  }
  for (let level = [root]; level.length > 0;) {
    const next: Node[] = []
    for (const node of level) {
      if (search.violation === undefined && search.exhausted) next.push(...(await successors(search, node)))
    }
    level = next
  }
  const { seen, transitions, violation } = search
  return {
    world: world.name,
    states: seen.size,
    transitions,
    steps: Object.values(x.tables).reduce((sum, table) => sum + table.ran(), 0),
    exhausted: search.exhausted && violation === undefined,
    violation,
    milliseconds: Math.round(performance.now() - began),
  }
}

interface Search {
  readonly x: Exploration
  readonly most: number
  readonly seen: Set<string>
  readonly rest: ReturnType<typeof createRest>
  transitions: number
  violation: Violation | undefined
  exhausted: boolean
}

const explorationOf = (product: Product, world: ModelWorld): Exploration => ({
  world,
  tables: Object.fromEntries(
    Object.values(world.operators).map((installationId) => [
      installationId,
      createProcessTable(product, { installationId, slots: world.slots }),
    ]),
  ),
})

/** The states that can follow and are new; ends at the first violation. */
async function successors(search: Search, node: Node): Promise<Node[]> {
  const { x, seen, most } = search
  const next: Node[] = []
  const end = await search.rest(node.state)
  if (end.broken !== undefined) {
    const path = [...pathTo(node), '(nobody interferes any more)', ...end.path]
    search.violation = { broken: end.broken, path }
    return []
  }
  for (const move of movesFrom(x, node.state)) {
    // What happens later without anybody's interference, the question for rest has seen.
    if (!move.outside && node.state.tick > x.world.ticks) continue
    const { state, notes, broken } = await move.go()
    search.transitions += 1
    const after: Node = { state, parent: node, line: line(node.state, move.name, notes) }
    search.violation = violationOf(broken, after)
    if (search.violation !== undefined) return []
    const key = digest(state)
    if (seen.has(key)) continue
    search.exhausted = seen.size < most
    if (!search.exhausted) return []
    seen.add(key)
    next.push(after)
  }
  return next
}

async function beginning(x: Exploration): Promise<Course> {
  const { world } = x
  const leaders = new Set<string>()
  const state: State = {
    tick: 0,
    clusters: Object.fromEntries(
      Object.entries(world.clusters).map(([installation, cluster]) => [
        installation,
        {
          ...cluster,
          crdDeleting: false,
          versions: Object.fromEntries(Object.keys(cluster.sinks).map((key) => [key, 1])),
        },
      ]),
    ),
    twilio: { sinks: world.external, wire: [], made: world.external.length },
    operators: Object.fromEntries(
      Object.entries(world.operators).map(([name, installation]) => {
        const leads = !leaders.has(installation)
        leaders.add(installation)
        return [name, { installation, process: 0, leads, frozen: false, feed: [], mail: {} }]
      }),
    ),
    budget: {
      ...world.faults,
      wake: world.faults.freeze ?? 0,
      ...Object.fromEntries(world.people.map(({ name, times }) => [name, times])),
    },
  }
  const course: Course = { state, notes: [], broken: [] }
  for (const name of Object.keys(world.operators)) await boot(x, course, name)
  await settle(x, course)
  return course
}

const digest = (state: State): string => createHash('sha1').update(keyOf(state)).digest('base64')

const line = ({ tick }: State, name: string, notes: readonly string[]): string =>
  `tick ${tick}: ${[name, ...notes].join(' | ')}`

function violationOf(broken: readonly string[], node: Node): Violation | undefined {
  return broken.length === 0 ? undefined : { broken: broken.join('; '), path: pathTo(node) }
}

function pathTo(node: Node | undefined): string[] {
  const path: string[] = []
  for (let at = node; at !== undefined; at = at.parent) path.unshift(at.line)
  return path
}
