import { parseArgs } from 'node:util'

export interface MatrixOrder {
  readonly lanes: number
  readonly seed: string
  readonly scenarios: readonly string[]
  readonly faults: readonly string[]
  readonly cell: string | undefined
  /** So many cells, spread. */
  readonly sample: number | undefined
  /** So long what Twilio lists is behind; milliseconds. */
  readonly listLag: number
  /** Writes the grid from what has been run, and runs nothing. */
  readonly report: boolean
  /** Prints the cells, and runs none. */
  readonly list: boolean
}

export const MATRIX_USAGE = `npm run test:crash -- [options]

  --lanes N          worlds side by side (default 6)
  --seed TEXT        order, and choice of a sample (default: one by chance)
  --scenario NAME    only these; may be repeated
  --fault NAME       only these; may be repeated
  --sample N         so many cells, spread over scenarios and faults
  --list-lag MS      LISTs of Twilio show the past, in results of their own (default 0; below the settle time of 1000)
  --cell S/R/F       one cell alone; all its evidence is kept
  --list             prints the cells of this state of the sources
  --report           writes docs/reliability/evidence.md from what has been run, as a whole run does at its end
`

/** Throws for what it does not know. */
export function readMatrixOrder(argv: readonly string[]): MatrixOrder | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      lanes: { type: 'string', default: '6' },
      seed: { type: 'string' },
      scenario: { type: 'string', multiple: true, default: [] },
      fault: { type: 'string', multiple: true, default: [] },
      cell: { type: 'string' },
      'list-lag': { type: 'string' },
      sample: { type: 'string' },
      report: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  return {
    lanes: count('lanes', values.lanes),
    seed: values.seed ?? String(Date.now()),
    scenarios: values.scenario,
    faults: values.fault,
    cell: values.cell,
    sample: values.sample === undefined ? undefined : count('sample', values.sample),
    listLag: values['list-lag'] === undefined ? 0 : count('list-lag', values['list-lag']),
    report: values.report,
    list: values.list,
  }
}

function count(name: string, text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0) return number
  throw new Error(`--${name} must be a whole number above 0, not ${JSON.stringify(text)}`)
}
