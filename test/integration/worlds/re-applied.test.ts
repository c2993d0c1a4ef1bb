import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readyCondition, type SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { setWorld, spec, type LiveWorld } from './world.ts'

let world: LiveWorld

beforeAll(async () => {
  world = await setWorld({ name: 're-applied' })
})
afterAll(() => world?.end())

/** What brings an object back, and what it keeps of the old one. */
const WAYS = [
  { way: 'from Git', keeps: () => ({}) },
  {
    way: 'from a backup, with finalizer and annotations',
    keeps: ({ metadata: { finalizers, annotations } }: SinkObject) => ({ finalizers, annotations }),
  },
  {
    way: 'from a backup, with annotations alone',
    keeps: ({ metadata: { annotations } }: SinkObject) => ({ annotations }),
  },
  {
    way: 'from a backup, with the finalizer alone',
    keeps: ({ metadata: { finalizers } }: SinkObject) => ({ finalizers }),
  },
] as const

/** As a loss of the cluster does: nobody has asked for a deletion of the sink, and no status comes back. */
async function lose(name: string): Promise<SinkObject> {
  const lost = await world.look(name)
  if (lost === undefined) throw new Error(`${name} is not there`)
  await world.patch(name, { spec: { suspend: true } })
  await world.remove(name)
  await world.patch(name, { metadata: { finalizers: null } })
  await world.gone(name)
  return lost
}

const restore = (name: string, metadata: object): Promise<string> =>
  world.stage.kubectl(
    ['create', '-f', '-'],
    JSON.stringify({
      apiVersion: 'events.twilio.com/v1alpha1',
      kind: 'Sink',
      metadata: { ...metadata, name },
      spec: spec(name),
    }),
  )

describe.for([
  { operator: 'goes on', away: false },
  { operator: 'is started anew afterwards', away: true },
])('an object that was lost, while the operator $operator', ({ away }) => {
  test('finds its sink again with zero creates, whatever it comes back from', async () => {
    const names = WAYS.map((_, index) => `${away ? 'away' : 'there'}-${index}`)
    for (const name of names) await world.apply(name, spec(name))
    const sids = await world.oneEach(names)
    const since = await world.now()
    if (away) await world.stage.operator().kill()
    for (const [index, name] of names.entries()) await restore(name, WAYS[index]!.keeps(await lose(name)))
    if (away) await world.stage.restart()
    expect(await world.oneEach(names), WAYS.map(({ way }) => way).join('; ')).toEqual(sids)
    expect(await world.sent('CreateSink', since)).toEqual([])
    expect(await world.sent('DeleteSink', since)).toEqual([])
  })
})

test('an object that was let go and is applied again takes up the sink that it left', async () => {
  await world.apply('let-go', spec('let-go', { deletionPolicy: 'Orphan' }))
  const [sid] = await world.oneEach(['let-go'])
  const since = await world.now()
  await world.remove('let-go')
  await world.gone('let-go')
  await world.apply('let-go', spec('let-go', { deletionPolicy: 'Delete' }))
  expect(await world.oneEach(['let-go'])).toEqual([sid])
  expect(await world.sent('CreateSink', since)).toEqual([])
})

test('an object that wants something else leaves alone what was let go, and says how to have it', async () => {
  const other = { webhook: { destination: 'https://other.example.com/events' } }
  await world.apply('let-be', spec('let-be', { deletionPolicy: 'Orphan' }))
  const [sid] = await world.oneEach(['let-be'])
  const since = await world.now()
  await world.remove('let-be')
  await world.gone('let-be')
  await world.apply('let-be', spec('let-be', { ...other, deletionPolicy: 'Delete' }))
  await until('the conflict is told', async () => {
    const seen = await world.look('let-be')
    return seen !== undefined && readyCondition(seen)?.reason === 'OwnershipConflict' && seen
  })
  await world.remove('let-be')
  await world.gone('let-be')
  expect(await world.sent('DeleteSink', since)).toEqual([])
  expect(await world.sent('CreateSink', since)).toEqual([])
  await world.apply('let-be', spec('let-be', { deletionPolicy: 'Orphan' }))
  expect(await world.oneEach(['let-be']), 'as it was it is taken up').toEqual([sid])
})

test('an object that is deleted and applied again gets its new sink long before the settle time is over', async () => {
  const patient = await setWorld({ name: 're-applied-at-once', flags: { 'settle-time': '60s' } })
  try {
    await patient.apply('again', spec('again'))
    const [first] = await patient.oneEach(['again'])
    const since = await patient.now()
    const begun = performance.now()
    await patient.remove('again')
    await patient.gone('again')
    await patient.apply('again', spec('again'))
    const [second] = await patient.oneEach(['again'], 30_000)
    expect(performance.now() - begun, 'milliseconds, of a minute').toBeLessThan(30_000)
    expect(second).not.toBe(first)
    expect((await patient.sent('CreateSink', since)).length).toBe(1)
  } finally {
    await patient.end()
  }
})
