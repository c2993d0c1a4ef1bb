import { buildBundle } from '../../rigs/control-plane/bundle.ts'
import { startControlPlane } from '../../rigs/control-plane/control-plane.ts'
import type { ClusterAddress } from '../../rigs/control-plane/cluster-access.ts'
import { parseCell, type Cell } from './cell.ts'
import { readMatrixOrder, MATRIX_USAGE, type MatrixOrder } from './command-line.ts'
import { FAULTS } from './faults.ts'
import { writeGrid } from './grid-file.ts'
import { named, recordRequests, runCells, type MatrixOptions } from './matrix.ts'
import { planOf, sampleOf, shuffled, type RequestLists } from './plan.ts'
import { createProgress } from './progress.ts'
import { isViolation, openResults, type Results } from './results.ts'
import { SCENARIOS } from './scenarios/all.ts'
import { digestOfSources } from './sources.ts'

const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** Exit codes: 0 when every cell was as it should be, 1 when not, 2 for a wrong option. */
async function main(): Promise<number> {
  const order = readOrder()
  if (order === 'help') {
    print(MATRIX_USAGE)
    return 0
  }
  const digest = digestOfSources()
  const results = openResults(order.listLag === 0 ? digest : `${digest}-lag-${order.listLag}`)
  if (order.report) {
    writeGrid(results, digest)
    return 0
  }
  print(`Sources ${digest}, seed ${order.seed}, ${order.lanes} lanes; results in ${results.folder}`)
  buildBundle()
  const cluster = await startControlPlane()
  try {
    await cluster.applyCrds('crds')
    return await run(order, results, cluster.address)
  } finally {
    await cluster.stop()
  }
}

function readOrder(): MatrixOrder | 'help' {
  try {
    return readMatrixOrder(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${MATRIX_USAGE}`)
    process.exit(2)
  }
}

async function run(order: MatrixOrder, results: Results, cluster: ClusterAddress): Promise<number> {
  const options = { cluster, lanes: order.lanes, listLagMs: order.listLag, folder: results.folder }
  if (order.cell !== undefined) return runOne(order.cell, options)
  const lists = await listsFor(order, results, options)
  const faults = order.faults.length === 0 ? FAULTS : order.faults.map((name) => named(FAULTS, name))
  const all = shuffled(planOf(lists, faults), order.seed)
  const wanted = order.sample === undefined ? all : sampleOf(all, order.sample, order.seed)
  if (order.list) {
    wanted.forEach(({ id }) => print(id))
    return 0
  }
  const done = new Set(results.all().map(({ cell }) => cell))
  const cells = wanted.filter(({ id }) => !done.has(id))
  print(`${wanted.length} cells are listed, ${cells.length} of them to be run`)
  const progress = createProgress(cells.length, print)
  let failed = 0
  await runCells({ ...options, note: print }, cells, (result, evidence) => {
    results.add(result)
    progress.add(result, evidence)
    if (isViolation(result) || !result.injected) failed += 1
  })
  if (isWhole(order)) writeGrid(results, digestOfSources())
  return failed === 0 ? 0 : 1
}

/** Only all of it makes the grid. */
const isWhole = ({ scenarios, faults, sample, listLag }: MatrixOrder): boolean =>
  scenarios.length + faults.length + listLag === 0 && sample === undefined

async function runOne(id: string, options: MatrixOptions): Promise<number> {
  const cell: Cell | undefined = parseCell(id)
  if (cell === undefined) throw new Error(`${id} is no cell: SCENARIO/REQUEST/FAULT, see --list`)
  let code = 0
  await runCells({ ...options, lanes: 1, keepAll: true }, [cell], (result, evidence) => {
    print(JSON.stringify(result, undefined, 2))
    print(`All that was seen is in ${evidence ?? ''}`)
    if (isViolation(result) || !result.injected) code = 1
  })
  return code
}

/** The requests of the scenarios that are wanted, recorded now unless that was done for these sources. */
async function listsFor(
  { scenarios }: MatrixOrder,
  results: Results,
  options: MatrixOptions,
): Promise<RequestLists> {
  const wanted = scenarios.length === 0 ? SCENARIOS : scenarios.map((name) => named(SCENARIOS, name))
  const known = results.requests()
  const missing = wanted.filter(({ name }) => !(name in known))
  if (missing.length > 0) {
    print(`Recording the requests of ${missing.length} scenarios without a fault`)
    results.keepRequests({ ...known, ...(await recordRequests(options, missing)) })
  }
  const all = results.requests()
  return Object.fromEntries(wanted.map(({ name }) => [name, all[name] ?? []]))
}

process.exit(await main())
