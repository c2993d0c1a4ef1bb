import { afterAll, beforeAll, expect, test } from 'vitest'
import { condition, readyCondition } from '../../rigs/sink-object.ts'
import { webhookForm } from '../../rigs/simulator/api-caller.ts'
import { setWorld, spec, type LiveWorld } from './world.ts'

let world: LiveWorld

beforeAll(async () => {
  world = await setWorld({ name: 'one-sid' })
})
afterAll(() => world?.end())

const importOf = (sid: string | undefined, text: string) => ({
  description: spec(text).description,
  webhook: spec(text).webhook,
  import: { sid },
  deletionPolicy: 'Delete',
})

async function byHand(name: string): Promise<string> {
  const { description, webhook } = spec(name)
  const configuration = { ...webhook, method: 'POST', batch_events: false }
  const form = { ...webhookForm, Description: description, SinkConfiguration: JSON.stringify(configuration) }
  return (await world.other('POST', '/v1/Sinks', { form })).body.sid
}

/** What the operator has sent about the sink that changes it. */
async function changesOf(sid: string | undefined, since: number) {
  const sids = [...(await world.sent('DeleteSink', since)), ...(await world.sent('UpdateSink', since))]
  return sids.filter((one) => one === sid)
}

/** The younger stalls, goes without a call that changes anything, and the older keeps what it has. */
async function youngerLoses(older: string, younger: string, sid: string | undefined): Promise<void> {
  await world.see('stalls', younger, (object) => readyCondition(object)?.reason === 'OwnershipConflict')
  expect((await world.look(younger))?.status.sid).toBeUndefined()
  const since = await world.now()
  await world.remove(younger)
  await world.gone(younger)
  expect(await changesOf(sid, since), 'changes at Twilio').toEqual([])
  expect(await world.atTwilio(sid)).toBeDefined()
  await world.see(
    'keeps it',
    older,
    (object) => readyCondition(object)?.status === 'True' && object.status.sid === sid,
  )
}

test('of two that import the same SID the younger stalls, and its deletion takes nothing away', async () => {
  const sid = await byHand('imported-twice')
  await world.apply('older', importOf(sid, 'imported-twice'))
  await world.see('has it', 'older', (object) => readyCondition(object)?.status === 'True')
  await world.apply('younger', importOf(sid, 'imported-twice'))
  await youngerLoses('older', 'younger', sid)
})

test('an import of what another object has made and recorded stalls, and its deletion takes nothing away', async () => {
  await world.apply('maker', spec('maker'))
  const [sid] = await world.oneEach(['maker'])
  await world.apply('taker', importOf(sid, 'maker'))
  await youngerLoses('maker', 'taker', sid)
})

test('the younger gets the sink when the older has let it go', async () => {
  const sid = await byHand('handed-over')
  await world.apply('first', importOf(sid, 'handed-over'))
  await world.see('has it', 'first', (object) => readyCondition(object)?.status === 'True')
  await world.apply('second', importOf(sid, 'handed-over'))
  await world.see('stalls', 'second', (object) => readyCondition(object)?.reason === 'OwnershipConflict')
  await world.patch('first', { spec: { deletionPolicy: 'Orphan' } })
  await world.remove('first')
  await world.see(
    'has it',
    'second',
    (object) => readyCondition(object)?.status === 'True' && object.status.sid === sid,
  )
})

test.each([
  { whose: 'that somebody has made by hand', make: () => byHand('by-hand') },
  {
    whose: 'of another object, which keeps it',
    make: async () => {
      await world.apply('kept', spec('kept'))
      return (await world.oneEach(['kept']))[0] ?? ''
    },
  },
])('a SID $whose takes nothing when it is written into a status', async ({ make }) => {
  const sid = await make()
  const before = await world.atTwilio(sid)
  const since = await world.now()
  await world.apply('writer', spec('writer'))
  await world.oneEach(['writer'])
  const status = JSON.stringify({ status: { sid } })
  await world.stage.kubectl(['patch', 'sink', 'writer', '--subresource=status', '--type=merge', '-p', status])
  await world.see('stalls', 'writer', (object) => readyCondition(object)?.reason === 'OwnershipConflict')
  await world.remove('writer')
  await world.see('stays', 'writer', (object) => condition(object, 'DeletionBlocked') !== undefined)
  await world.patch('writer', { spec: { deletionPolicy: 'Orphan' } })
  await world.gone('writer')
  expect(await changesOf(sid, since), 'changes at Twilio').toEqual([])
  expect(await world.atTwilio(sid)).toEqual(before)
  // Its orphan is taken up by the next one of the name.
  await world.apply('writer', spec('writer'))
  await world.oneEach(['writer'])
  await world.remove('writer')
  await world.gone('writer')
  const kept = await world.look('kept')
  expect(kept === undefined || readyCondition(kept)?.status === 'True', 'whoever has it keeps it').toBe(true)
})
