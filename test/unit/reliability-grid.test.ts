import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { planOf } from '../faults/crash/plan.ts'
import { FAULTS } from '../faults/crash/faults.ts'
import { GRID_BEGIN, GRID_END, gridText, withGrid } from '../faults/crash/grid.ts'
import type { Result } from '../faults/crash/results.ts'
import { SCENARIOS } from '../faults/crash/scenarios/all.ts'

const PAGE = readFileSync(new URL('../../docs/reliability/evidence.md', import.meta.url), 'utf8')
const SECTION = PAGE.slice(PAGE.indexOf(GRID_BEGIN) + GRID_BEGIN.length, PAGE.indexOf(GRID_END))

const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )

const SUMMARY =
  /^Version \d+\.\d+\.\d+, \d{4}-\d\d-\d\d, sources `[0-9a-f]{12}`: (?<listed>\d+) cells listed, (?<injected>\d+) injected, (?<duplicates>\d+) duplicates, (?<leaks>\d+) leaks, (?<wrong>\d+) wrong deletions, (?<others>\d+) cells with something else, longest recovery \d+\.\d s\.$/mu

/** What people read must be what was counted: the parts add up to the sums. */
function expectWellFormed(section: string): void {
  const sums = SUMMARY.exec(section)?.groups
  expect(sums).toBeDefined()
  const rows = rowsOf(section)
  const column = (index: number): number =>
    SCENARIOS.map(({ name }) => rows.find((row) => row[0] === name && row.length === 9)).reduce(
      (total, row) => total + Number(row?.[index]),
      0,
    )
  expect([2, 3, 4, 5, 6, 7].map(column)).toEqual(
    ['listed', 'injected', 'duplicates', 'leaks', 'wrong', 'others'].map((name) => Number(sums?.[name])),
  )
  const grid = rows.filter((row) => row.length === FAULTS.length + 1)
  expect(grid[0]?.slice(1)).toEqual(FAULTS.map(({ name }) => name))
  const ratios = grid.slice(2).flatMap((row) => row.slice(1))
  expect(ratios.filter((cell) => !/^(?:–|\d+\/\d+(?: \*\*\d+\*\*)?)$/u.test(cell))).toEqual([])
  const listed = ratios.map((cell) => Number(/\/(?<listed>\d+)/u.exec(cell)?.groups?.['listed'] ?? 0))
  expect(listed.reduce((total, one) => total + one, 0)).toBe(Number(sums?.['listed']))
}

describe('the grid in docs/reliability/evidence.md', () => {
  test.skipIf(SECTION.trim() === '')('is well-formed', () => expectWellFormed(SECTION))
})

describe('a grid', () => {
  const cells = planOf(
    Object.fromEntries(SCENARIOS.map(({ name }) => [name, [{ name: 'twilio:CREATE:Sinks', ordinal: 1 }]])),
    FAULTS,
  )
  const results = cells.map(({ id, scenario, fault }, index): Result => ({
    cell: id,
    scenario,
    fault,
    injected: index !== 0,
    tries: 1,
    duplicates: index === 1 ? 2 : 0,
    leaks: 0,
    wrongDeletions: 0,
    others: [],
    recoveryMs: index,
  }))
  const facts = {
    version: '1.2.3',
    date: '2026-01-02',
    digest: '0123456789ab',
    cells,
    results,
    scenarios: SCENARIOS,
    faults: FAULTS,
  }

  test('is well-formed, names what went wrong and what was missed', () => {
    const text = gridText(facts)
    expectWellFormed(text)
    expect(text).toContain('2 duplicates')
    expect(text).toContain('1/1 **1**')
    expect(text).toContain('0/1')
  })

  test('counts what is listed and was not run', () => {
    const text = gridText({ ...facts, results: [] })
    expectWellFormed(text)
    expect(text).toContain(`${cells.length} cells listed, 0 injected`)
  })

  test('is written between the markers, again and again', () => {
    const page = `before\n${GRID_BEGIN}\n${GRID_END}\nafter`
    const once = withGrid(page, 'text')
    expect(once).toContain('\n\ntext\n\n')
    expect(withGrid(once, 'text')).toBe(once)
    expect(() => withGrid('no markers', 'text')).toThrow()
  })
})
