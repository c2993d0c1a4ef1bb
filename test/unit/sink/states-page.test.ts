import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { CREATED_TABLE, type CreatedEffect } from '../../../src/sink/created-table.ts'
import { DELETING_TABLE } from '../../../src/sink/deleting-table.ts'
import { LIVING_TABLE } from '../../../src/sink/living-table.ts'
import { twilioVerdict } from '../../../src/sink/twilio-verdict.ts'
import { observedSink } from './observations.ts'
import { EXPECTED, readyWords, type Expectation } from './table-expectations.ts'

const page = await readFile('docs/states.md', 'utf8')
const [, deleting = [], living = [], created = []] = page.split(/^## /mu).map(rowsOf)

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
    return [name, readyWords(twilioVerdict(observedSink({ status: word }), { fromSecret: [] }))]
  }),
)

describe('the page of the states', () => {
  it('has the rows of all tables, in the order in which they are tried', () => {
    expect(deleting.map(([name]) => name)).toEqual(Object.keys(DELETING_TABLE))
    expect(living.map(([name]) => name)).toEqual(Object.keys(LIVING_TABLE))
    expect(created.map(([name]) => name)).toEqual(Object.keys(CREATED_TABLE))
  })

  it.each([...deleting, ...living])('says of %s what the operator says and does', (name = '', ...cells) => {
    const [, does = '', says = '', again = ''] = cells
    const { effects, next } = expectedOf(name)
    const kinds = effects.map((effect) => effect.split(':')[0])
    expect(saidOnPage(says)).toEqual(saidByTable(name))
    expect(meant([does.split('; ')[0] ?? ''], EFFECTS)).toEqual([...new Set(kinds)].sort())
    expect(meant(again.split(', or '), AGAIN)).toEqual([...next].sort())
  })

  it.each(created)('says of %s what is done with a sink that was just created', (name, _, does = '') => {
    const effect = Object.entries(CREATED_TABLE).find(([state]) => state === name)?.[1]
    expect(meant([does.split('; ')[0] ?? ''], CREATED_EFFECTS)).toEqual([effect])
  })
})

/** The words of the page for what is done, and for when the next reconcile comes. */
const EFFECTS: Readonly<Record<string, string>> = {
  'does nothing': 'none',
  'removes the finalizer': 'remove-finalizer',
  'waits, then asks for a LIST': 'none confirm-absence',
  'asks for the proof that is missing': 'none confirm-absence',
  'looks once more, then deletes it': 'delete',
  'puts finalizer and journal back': 'write-finalizer',
  'writes the finalizer': 'write-finalizer',
  'rewrites its mark': 'rewrite-mark',
  'records it': 'record',
  'writes the journal, then creates it': 'create',
  'looks once more, then updates it': 'update-description',
  'nothing, or what was asked for': 'none send-test validate',
}
const CREATED_EFFECTS: Readonly<Record<string, CreatedEffect>> = {
  'records it': 'record',
  'does nothing': 'none',
  'waits a few seconds, then looks again': 'wait',
  'looks once more, then deletes it': 'delete-created',
}
const AGAIN: Readonly<Record<string, string>> = {
  '–': 'change',
  'on a change': 'change',
  'when it changes': 'change',
  'with the account': 'account',
  'with each poll': 'account',
  'with each fast poll': 'settling',
  'after the settle time': 'account after',
  'when it is there': 'account after',
  'every few seconds': 'after',
  slowly: 'after',
  'at once': 'now',
}

function meant(words: readonly string[], vocabulary: Readonly<Record<string, string>>): string[] {
  return words.flatMap((word) => (vocabulary[word] ?? `"${word}" means nothing`).split(' ')).sort()
}

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
  const found = expectedOf(name).says.flatMap((one) => {
    if (one === 'kept' || one === 'suspended') return ['Unknown/NotYetObserved']
    if (one.startsWith('blocked:')) return [one.replace('blocked:', 'DeletionBlocked/')]
    return one.includes('/') ? [one.replace('~', '')] : []
  })
  return [...new Set(found)].sort()
}

function expectedOf(name: string): Expectation {
  const found = Object.entries(EXPECTED).find(([state]) => state === name)
  if (found === undefined) throw new Error(`there is no state ${name}`)
  return found[1]
}
