import { withGeneratedPart } from '../../../tools/generated-part.ts'
import { markdownTable } from '../../../tools/markdown-table.ts'
import type { Cell } from './cell.ts'
import type { Result } from './results.ts'

/** What docs/reliability/evidence.md says of one run of the matrix. */
export interface GridFacts {
  readonly version: string
  /** Day of the report, `2026-11-24`. */
  readonly date: string
  readonly digest: string
  readonly cells: readonly Cell[]
  readonly results: readonly Result[]
  readonly scenarios: readonly { readonly name: string; readonly says: string }[]
  readonly faults: readonly { readonly name: string; readonly says: string }[]
}

export const GRID_BEGIN = '<!-- crash matrix: written by `npm run test:crash -- --report` -->'
export const GRID_END = '<!-- end of the crash matrix -->'

/** The text between the markers. */
export function gridText(facts: GridFacts): string {
  const { version, date, digest, cells, scenarios, faults } = facts
  const listed = new Set(cells.map(({ id }) => id))
  const results = facts.results.filter(({ cell }) => listed.has(cell))
  const sum = summary(cells.length, results)
  return [
    `Version ${version}, ${date}, sources \`${digest}\`: ${sum.listed} cells listed, ${sum.injected} injected, ` +
      `${sum.duplicates} duplicates, ${sum.leaks} leaks, ${sum.wrongDeletions} wrong deletions, ` +
      `${sum.others} cells with something else, longest recovery ${sum.recovery} s.`,
    scenarioTable(scenarios, cells, results),
    'Runs injected over listed, by scenario and fault; a bold number counts cells that went wrong:',
    faultGrid(facts, results),
    'The faults, each with its longest recovery in seconds:',
    faultTable(faults, cells, results),
    'One cell again, with every request and the log kept: `npm run test:crash -- --cell create-webhook/twilio:CREATE:Sinks#1/kill-processed`.',
  ].join('\n\n')
}

/** `page` with the text between its markers replaced. Throws when it has none. */
export const withGrid = (page: string, text: string): string =>
  withGeneratedPart(page, { begin: GRID_BEGIN, end: GRID_END }, text)

type Counted = 'duplicates' | 'leaks' | 'wrongDeletions'

const sumOf = (results: readonly Result[], field: Counted): number =>
  results.reduce((total, result) => total + result[field], 0)

const seconds = (results: readonly Result[]): string =>
  (Math.max(0, ...results.map(({ recoveryMs }) => recoveryMs)) / 1000).toFixed(1)

const isWrong = ({ duplicates, leaks, wrongDeletions, others }: Result): boolean =>
  duplicates + leaks + wrongDeletions + others.length > 0

function summary(listed: number, results: readonly Result[]): Record<string, number | string> {
  return {
    listed,
    injected: results.filter(({ injected }) => injected).length,
    duplicates: sumOf(results, 'duplicates'),
    leaks: sumOf(results, 'leaks'),
    wrongDeletions: sumOf(results, 'wrongDeletions'),
    others: results.filter(({ others }) => others.length > 0).length,
    recovery: seconds(results),
  }
}

const texts = (sum: Record<string, number | string>): string[] => Object.values(sum).map(String)

function scenarioTable(
  scenarios: GridFacts['scenarios'],
  cells: readonly Cell[],
  results: readonly Result[],
): string {
  const rows = scenarios.map(({ name, says }) => {
    const listed = cells.filter(({ scenario }) => scenario === name).length
    return [
      name,
      says,
      ...texts(
        summary(
          listed,
          results.filter(({ scenario }) => scenario === name),
        ),
      ),
    ]
  })
  const head = [
    'scenario',
    'what happens',
    'listed',
    'injected',
    'duplicates',
    'leaks',
    'wrong deletions',
    'else',
  ]
  return markdownTable([...head, 'longest recovery, s'], rows)
}

function faultGrid({ scenarios, faults, cells }: GridFacts, results: readonly Result[]): string {
  const rows = scenarios.map(({ name: scenario }) => [
    scenario,
    ...faults.map(({ name: fault }) => {
      const isHere = (one: Cell | Result): boolean => one.scenario === scenario && one.fault === fault
      return ratio(cells.filter(isHere).length, results.filter(isHere))
    }),
  ])
  return markdownTable(['', ...faults.map(({ name }) => name)], rows)
}

function ratio(listed: number, results: readonly Result[]): string {
  if (listed === 0) return '–'
  const wrong = results.filter(isWrong).length
  const injected = results.filter(({ injected: was }) => was).length
  return `${injected}/${listed}${wrong === 0 ? '' : ` **${wrong}**`}`
}

function faultTable(faults: GridFacts['faults'], cells: readonly Cell[], results: readonly Result[]): string {
  const rows = faults.map(({ name, says }) => {
    const mine = results.filter(({ fault }) => fault === name)
    return [name, says, ratio(cells.filter(({ fault }) => fault === name).length, mine), seconds(mine)]
  })
  return markdownTable(['fault', 'what it is', 'injected / listed', 'longest recovery, s'], rows)
}
