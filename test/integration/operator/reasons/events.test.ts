import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NORMAL_EVENTS } from '../../../../src/sink/report/events.ts'
import { withoutChance } from './described.ts'
import { DUPLICATE_DELETED, EVENT_ROWS, type EventRow } from './event-rows.ts'
import { eventsPage, type ToldEvent } from './events-page.ts'
import { writesPages } from './page.ts'
import { eventOf } from './show-and-fix.ts'
import { setSinkStage, type SinkStage } from './sink-stage.ts'

const PAGE = 'docs/events.md'
let stage: SinkStage
beforeAll(async () => {
  stage = await setSinkStage({ name: 'events', flags: { 'call-timeout': '10s', 'settle-time': '20s' } })
})
afterAll(() => stage.end())

const notes = new Map<string, string>()

async function tell({ reason, happen }: EventRow): Promise<void> {
  const name = `on-${reason.toLowerCase()}`
  await happen(stage, name)
  notes.set(reason, withoutChance(stage, await eventOf(stage, 'Sink', name, reason)))
}

describe.concurrent('an event', () => {
  it.each(EVENT_ROWS)('$reason tells that $when', tell)
})

it(`DuplicateDeleted tells that ${DUPLICATE_DELETED.when}`, () => tell(DUPLICATE_DELETED))

it('is on the page, with the words that were told', async () => {
  const told = [...EVENT_ROWS, DUPLICATE_DELETED].map((row): ToldEvent => ({
    ...row,
    type: NORMAL_EVENTS.some((reason) => reason === row.reason) ? 'Normal' : 'Warning',
    note: notes.get(row.reason) ?? '',
  }))
  if (writesPages()) await writeFile(PAGE, eventsPage(told))
  expect(await readFile(PAGE, 'utf8')).toBe(eventsPage(told))
})

it('is told of the Sink that it is about alone', async () => {
  const { before, now } = await stage.bystander()
  expect(now).toBe(before)
})
