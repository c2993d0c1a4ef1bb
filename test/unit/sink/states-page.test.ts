import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { DELETING_TABLE } from '../../../src/sink/deleting-table.ts'
import { LIVING_TABLE } from '../../../src/sink/living-table.ts'

it('has the rows of both tables on their page, in the order in which they are tried', async () => {
  const text = await readFile('docs/states.md', 'utf8')
  const [, deleting = '', living = ''] = text.split(/^## /mu)
  const rows = (part: string) =>
    [...part.matchAll(/^\| (?<state>[A-Z]\w+) \|/gmu)].map(({ groups }) => groups?.['state'])
  expect(rows(deleting)).toEqual(Object.keys(DELETING_TABLE))
  expect(rows(living)).toEqual(Object.keys(LIVING_TABLE))
})
