import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { condition, type SinkObject } from '../../../rigs/sink-object.ts'
import { until } from '../../../rigs/until.ts'
import type { FaultInput } from '../../../rigs/simulator/faults.ts'
import { ready, sink } from '../stage.ts'
import { atTwilio, untilListed } from './at-twilio.ts'
import { setSinkStage, url, type SinkStage } from './sink-stage.ts'

const POLL_MS = 2_000
let stage: SinkStage
beforeAll(async () => {
  stage = await setSinkStage({ name: 'strange', flags: { 'poll-interval': `${POLL_MS}ms` } })
})
afterAll(() => stage.end())

/** What a server, or a proxy before it, may do instead of answering. */
const STRANGE: Readonly<Record<string, FaultInput>> = {
  'a 500 in the form of Twilio': { kind: 'answer', status: 500 },
  'a 503 in HTML': { kind: 'answer', status: 503, body: 'html' },
  'a 502 with problem details': { kind: 'answer', status: 502, body: 'rfc9457' },
  'a 500 without a word': { kind: 'answer', status: 500, body: 'empty' },
  'a reset connection': { kind: 'reset' },
  'no answer in time': { kind: 'hang' },
  'half a JSON': { kind: 'halfJson' },
  'half a JSON and a cut connection': { kind: 'halfJson', cut: true },
}
const ROWS = Object.entries(STRANGE).map(([title, fault], index) => ({ title, fault, index }))
/** Half an answer is one to a call that has taken effect. */
const BEFORE = ROWS.filter(({ fault }) => fault.kind !== 'halfJson').map((row) => ({
  ...row,
  when: 'before',
}))
const AFTER = ROWS.map((row) => ({
  ...row,
  when: 'after',
  fault: row.fault.kind === 'halfJson' ? row.fault : { ...row.fault, phase: 'after' as const },
}))

const described = async (name: string) =>
  (await stage.simulator.admin.sinks()).filter(({ description }) =>
    description.startsWith(`Events for ${name} `),
  )
const journalSince = async (sequence: number) => stage.simulator.admin.journal(sequence)
const lastOf = async () => (await stage.simulator.admin.journal()).at(-1)?.sequence ?? 0

it.each(ROWS)('$title to a LIST changes nothing here or there', async ({ fault, index }) => {
  const name = `listed-${index}`
  const { metadata } = await stage.make(name)
  const since = await lastOf()
  await stage.simulator.admin.addFault({ ...fault, times: 1, match: { operation: 'ListSink' } })
  await until('a good LIST after the strange one', async () => {
    const lists = (await journalSince(since)).filter(({ operation }) => operation === 'ListSink')
    const strange = lists.findIndex(({ fault: struck }) => struck !== null)
    return strange >= 0 && lists.slice(strange + 1).some(({ status }) => status === 200)
  })
  const writes = (await journalSince(since)).filter(({ method }) => method !== 'GET')
  expect(writes).toEqual([])
  expect((await stage.get('sinks', name))?.metadata.resourceVersion).toBe(metadata.resourceVersion)
})

/** Calls that met a fault, so that no test passes for want of one. */
const struck = async (operation: string, sid: string | undefined) =>
  (await stage.simulator.admin.journal()).filter(
    (entry) =>
      entry.operation === operation && entry.fault !== null && (sid === undefined || entry.sid === sid),
  )

describe.concurrent('a create', () => {
  it.each([...BEFORE, ...AFTER])(
    'that is answered by $title, $when it took effect, makes one sink in the end',
    async ({ fault, index, when }) => {
      const name = `made-${when}-${index}`
      const match = { operation: 'CreateSink', description: `Events for ${name} ` }
      await stage.simulator.admin.addFault({ ...fault, times: 1, match })
      await stage.apply(sink(name))
      const { status } = await ready(stage, name)
      expect((await described(name)).map(({ sid }) => sid)).toEqual([status.sid])
      const faulty = await struck('CreateSink', undefined)
      expect(faulty.filter(({ description }) => description?.startsWith(match.description))).toHaveLength(1)
    },
  )
})

describe.concurrent('a deletion', () => {
  it.each(AFTER)('that is answered by $title is done once and seen to be done', async ({ fault, index }) => {
    const name = `left-${index}`
    const { sid = '' } = (await stage.make(name)).status
    await stage.simulator.admin.addFault({ ...fault, times: 1, match: { operation: 'DeleteSink', sid } })
    await stage.startDeleting(name)
    await until('the object is gone', async () => !(await stage.get('sinks', name)))
    expect(await described(name)).toEqual([])
    expect(await struck('DeleteSink', sid)).toHaveLength(1)
  })
})

describe('words that nobody knows', () => {
  it('are mirrored as they are, and cost no sink', async () => {
    await stage.make('mirrored')
    await stage.changeAtTwilio('mirrored', { status: 'hibernating' })
    const seen = await until('the status word', async () => {
      const object = await stage.get('sinks', 'mirrored')
      return object?.status.sinkStatus === 'hibernating' && object
    })
    expect(condition(seen, 'Ready')?.status).toBe('Unknown')
    await stage.changeAtTwilio('mirrored', { sinkType: 'pigeon', configuration: { loft: 'north' } })
    await until('the type', async () => {
      const object = await stage.get<SinkObject>('sinks', 'mirrored')
      return object?.status['sinkType'] === 'pigeon'
    })
    expect(await described('mirrored')).toHaveLength(1)
  })

  it('of a sink of others do not hide the rest', async () => {
    const sid = await atTwilio(stage).make('of somebody', url('somebody'))
    await stage.simulator.admin.changeSink(sid, { sinkType: 'pigeon', status: 'asleep', configuration: {} })
    await untilListed(stage)
    await stage.make('beside-a-stranger')
  })
})

it('leaves a Sink beside them alone, all the time', async () => {
  const { before, now } = await stage.bystander()
  expect(now).toBe(before)
})

it('keeps the last known Ready for three polls, since an outage at Twilio is not the fault of anybody here', async () => {
  await stage.simulator.admin.addFault({ kind: 'answer', status: 503 })
  await until('Ready is Unknown', async () => {
    return condition(await stage.get('sinks', 'bystander'), 'Ready')?.status === 'Unknown'
  })
  const now = Date.now()
  const lists = (await stage.simulator.admin.journal()).filter(
    ({ operation, status }) => operation === 'ListSink' && status === 200,
  )
  expect(now - (lists.at(-1)?.startedAt ?? now)).toBeGreaterThanOrEqual(3 * POLL_MS)
})
