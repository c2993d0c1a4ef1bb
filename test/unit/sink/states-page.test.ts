import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { DELETING_TABLE } from '../../../src/sink/deleting-table.ts'
import { LIVING_TABLE } from '../../../src/sink/living-table.ts'
import { settledVerdict } from '../../../src/sink/settled.ts'
import { external } from './observations.ts'
import { EXPECTED, readyWords } from './table-expectations.ts'

const page = await readFile('docs/states.md', 'utf8')
const [, deleting = [], living = []] = page.split(/^## /mu).map(rowsOf)

function rowsOf(part: string): string[][] {
  return part
    .split('\n')
    .filter((line) => /^\| [A-Z]\w+ \|/u.test(line))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    )
}

/** What the rows say whose words are those of Twilio. */
const SETTLED: Readonly<Record<string, string>> = Object.fromEntries(
  ['initialized', 'validating', 'failed', 'paused', 'active'].map((word) => {
    const name = word === 'paused' ? 'Unrecognised' : `${word.charAt(0).toUpperCase()}${word.slice(1)}`
    return [name, readyWords(settledVerdict(external({ status: word })))]
  }),
)

describe('the page of the states', () => {
  it('has the rows of both tables, in the order in which they are tried', () => {
    expect(deleting.map(([name]) => name)).toEqual(Object.keys(DELETING_TABLE))
    expect(living.map(([name]) => name)).toEqual(Object.keys(LIVING_TABLE))
  })

  it.each([...deleting, ...living])(
    'says of %s what the operator says',
    (name = '', _when, _does, says = '') => {
      expect(saidOnPage(says)).toEqual(saidByTable(name))
    },
  )
})

/** `False: A, B; False, stalled: C` as `False/A`, `False/B`, `False/C!`; without reason nothing is said. */
function saidOnPage(cell: string): string[] {
  const found = cell.split('; ').flatMap((part) => {
    const words =
      /(?<status>True|False|Unknown|DeletionBlocked)(?<stalled>, stalled)?: (?<reasons>.+)$/u.exec(part)
    const { status = '', stalled = '', reasons = '' } = words?.groups ?? {}
    return reasons
      .split(', ')
      .flatMap((reason) => (reason === '' ? [] : `${status}/${reason}${stalled && '!'}`))
  })
  return found.sort()
}

function saidByTable(name: string): string[] {
  const settled = SETTLED[name]
  if (settled !== undefined) return [settled]
  const says = Object.entries(EXPECTED).find(([state]) => state === name)?.[1].says ?? []
  const found = says.flatMap((one) => {
    if (one === 'kept' || one === 'suspended') return ['Unknown/NotYetObserved']
    if (one.startsWith('blocked:')) return [one.replace('blocked:', 'DeletionBlocked/')]
    return one.includes('/') ? [one.replace('~', '')] : []
  })
  return [...new Set(found)].sort()
}
