import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CREATE_ATTEMPT_ANNOTATION } from '../../../src/api/group.ts'
import { withGeneratedPart } from '../../../tools/generated-part.ts'
import { markdownTable } from '../../../tools/markdown-table.ts'
import { LOOPS, type Loop } from './loops.ts'
import { StubbornWorld } from './world.ts'

const TEN_MINUTES = 600_000
const HOUR = 3_600_000

const countsOf = (labels: readonly string[]): string =>
  [...new Set(labels)]
    .map((label) => `${label}: ${labels.filter((one) => one === label).length}`)
    .sort()
    .join(', ')

/** Lets time pass, and resolves to the requests that were sent meanwhile. */
async function requestsWithin(world: StubbornWorld, ms: number) {
  const [kubernetes, twilio] = [world.server.requests.length, world.twilio.requests.length]
  await world.time.run(ms)
  return [world.server.requests.slice(kubernetes), world.twilio.requests.slice(twilio)] as const
}

describe('while the world does not yield', () => {
  it.each(LOOPS)('requests are few, and it is said why: $what', async ({ before, begin, most, shows }) => {
    const world = new StubbornWorld()
    await world.begin()
    await before?.(world)
    begin(world)
    const first = await requestsWithin(world, TEN_MINUTES)
    const said = world.said()
    const later = await requestsWithin(world, HOUR)
    for (const operator of world.operators) operator.stop()
    const sent = [...first, ...later]
    for (const [at, bound] of [...most.tenMinutes, ...most.hour].entries()) {
      const requests = sent[at] ?? []
      expect(requests.length, countsOf(requests)).toBeLessThanOrEqual(bound)
      // A bound that nothing comes near to shows nothing.
      expect(bound, countsOf(requests)).toBeLessThanOrEqual(Math.max(20, 3 * requests.length))
    }
    expect(said).toMatch(shows)
  })
})

it('the log has few lines about somebody who writes under another name each time', async () => {
  const world = new StubbornWorld()
  await world.begin()
  await world.withSink()
  for (let change = 0; change < 1_000; change += 1) {
    const { metadata, ...sink } = world.sink() ?? { metadata: { name: 'orders', namespace: 'shop' } }
    const annotations = { [CREATE_ATTEMPT_ANNOTATION]: `${change}` }
    world.server.put('sinks', { ...sink, metadata: { ...metadata, annotations } }, `rival-${change % 2}`)
    await world.time.run(100)
  }
  for (const operator of world.operators) operator.stop()
  const told = world.operators.flatMap(({ log }) => log.filter((line) => line.includes('rival-')))
  expect(told.length).toBeLessThanOrEqual(3)
})

const PAGE = new URL('../../../docs/reliability/limits.md', import.meta.url)
const MARKS = {
  begin: '<!-- bounds of repetition: written by test/unit/bounds with UPDATE_DOCS=1 -->',
  end: '<!-- end of the bounds -->',
}

const STATUS = / \((\d{3})\)$/u

/** Loops that differ only in the status that is answered have one row. */
function rowOf({ what, most: { tenMinutes, hour }, said }: Loop): string[] {
  const same = LOOPS.filter((other) => other.what.replace(STATUS, '') === what.replace(STATUS, ''))
  const statuses = same.flatMap((other) => STATUS.exec(other.what)?.[1] ?? [])
  const name = statuses.length === 0 ? what : `${what.replace(STATUS, '')} (${statuses.join(', ')})`
  const cells = [0, 1].map((at) => `${tenMinutes[at]}, then ${hour[at]}`)
  return [name, ...cells, said]
}

it('the page has each bound, as it is measured', () => {
  const head = ['as long as', 'API server', 'Twilio', 'where it is said']
  const rows = [...new Set(LOOPS.map((loop) => JSON.stringify(rowOf(loop))))].map(
    (row) => JSON.parse(row) as string[],
  )
  const present = readFileSync(PAGE, 'utf8')
  const page = withGeneratedPart(present, MARKS, markdownTable(head, rows))
  if (process.env['UPDATE_DOCS'] !== undefined) writeFileSync(PAGE, page)
  expect(readFileSync(PAGE, 'utf8'), 'UPDATE_DOCS=1 writes it').toBe(page)
})
