import type { TestName } from './test-name.ts'

/** A row of docs/failure-scenarios.md: of other operators (C), or found here (F). */
export interface PageScenario {
  readonly id: string
  /** Letters of the severities. */
  readonly severity: readonly string[]
  readonly tests: readonly TestName[]
}

/** Every test that the page names, in whatever table. */
export const testsNamedIn = (page: string): TestName[] =>
  page.split('\n').flatMap((line) => testsIn(line.split(' | ').at(-1)?.replace(/ \|$/u, '') ?? ''))

const ROW = /^\| (?<id>[CF]\d+) \| (?<severity>[A-Z ]+) \| .* \| (?<tests>[^|]*) \|$/gmu
/** A link to the file, then the title up to the next line of the cell. */
const TEST = /\[[^\]]+\]\((?:\.\.\/)+(?<file>test\/[^)]+)\) › (?<title>.+?)(?=<br>|$)/gu

export function scenariosOf(page: string): PageScenario[] {
  return [...page.matchAll(ROW)].map(({ groups: { id = '', severity = '', tests = '' } = {} }) => ({
    id,
    severity: severity.split(' '),
    tests: testsIn(tests),
  }))
}

const testsIn = (cell: string): TestName[] =>
  [...cell.matchAll(TEST)].map(({ groups: { file = '', title = '' } = {} }) => ({ file, title }))
