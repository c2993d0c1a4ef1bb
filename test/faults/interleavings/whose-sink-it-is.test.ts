import { afterAll, beforeAll, expect, test } from 'vitest'
import { destinationOf, type SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { ready, sink } from '../../integration/operator/stage.ts'
import { expectAllRight, expectStrangersUntouched, says } from './oracle.ts'
import { setScene, type Scene } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await setScene({ name: 'whose' })
})
afterAll(() => scene.end())

const MARK = / \[k8s:[a-z2-7]{6}\/[a-z2-7]{12}\/\d+\]$/

const describedAs = async (sid: string, description: string): Promise<void> => {
  expect(
    (await scene.person('POST', `/v1/Sinks/${sid}`, { form: { Description: description } })).status,
  ).toBe(200)
}
const descriptionOf = async (sid: string): Promise<string> =>
  (await scene.simulator.admin.sink(sid))?.description ?? ''

/** A sink made by hand; resolves with its SID. */
async function madeByHand(name: string, description: string): Promise<string> {
  const configuration = { destination: destinationOf(name), method: 'POST', batch_events: false }
  const form = {
    Description: description,
    SinkType: 'webhook',
    SinkConfiguration: JSON.stringify(configuration),
  }
  return (await scene.person('POST', '/v1/Sinks', { form })).body.sid
}

const importing = (sid: string, of: string, deletionPolicy = 'Delete') => ({
  description: `Events for ${of}`,
  webhook: { destination: destinationOf(of) },
  import: { sid },
  deletionPolicy,
})

const lists = (): number =>
  scene.proxy.log().filter(({ name, status }) => name === 'twilio:LIST:Sinks' && status === 200).length
async function polls(count: number): Promise<void> {
  const before = lists()
  await until(`${count} polls`, async () => lists() >= before + count)
}

test('mark lost, copied, forged', async () => {
  const { sid: lost = '' } = (await scene.make('lost')).status
  const marked = await descriptionOf(lost)
  await describedAs(lost, marked.replace(MARK, ''))
  await until('the mark is back', async () => (await descriptionOf(lost)) === marked)
  await scene.operator().kill()
  await describedAs(lost, 'Renamed, and without a mark')
  await scene.restart()
  await until('the mark is back after a restart', async () => (await descriptionOf(lost)) === marked)

  await scene.make('copied')
  const [original] = await scene.sinksOf('copied')
  const copy = await madeByHand('by-hand', original?.description ?? '')
  await says(scene, 'copied', 'DuplicateFound', 'MarkSeenTwice')
  await scene.remove('copied')
  await expectAllRight(scene, { alive: ['lost'], dead: ['copied'] })
  expect(await descriptionOf(copy), 'a copy is not deleted by guess').toBe(original?.description)

  const { sid: victim = '' } = (await scene.make('victim')).status
  await scene.make('thief')
  const [stolen] = await scene.sinksOf('thief')
  const forged = (stolen?.description ?? '').replace(/\/\d+\]$/, '/9]')
  const genuine = await descriptionOf(victim)
  await describedAs(victim, forged)
  await says(scene, 'victim', 'Ready', 'OwnershipConflict')
  await scene.remove('thief')
  await says(scene, 'thief', 'DeletionBlocked', 'OwnershipConflict')
  expect(await descriptionOf(victim), 'a forged mark gives nobody away').toBe(forged)
  await describedAs(victim, genuine)
  await expectAllRight(scene, { alive: ['lost', 'victim'], dead: ['copied', 'thief'] })
})

test('copied YAML with finalizer and annotation', async () => {
  const original = await scene.make('original')
  const copyOf = ({ metadata, spec }: SinkObject, name: string): unknown => ({
    apiVersion: 'events.twilio.com/v1alpha1',
    kind: 'Sink',
    metadata: { name, finalizers: metadata.finalizers, annotations: metadata.annotations },
    spec,
    status: original.status,
  })
  await scene.apply(copyOf(original, 'copy-live'))
  await scene.operator().kill()
  await scene.apply(copyOf(original, 'copy-found'))
  await scene.restart()
  const copies = [await ready(scene, 'copy-live'), await ready(scene, 'copy-found')]
  const sids = [original, ...copies].map(({ status }) => status.sid)
  // All three want the same destination: what tells them apart is the SID that each has recorded.
  expect((await scene.sinksOf('original')).map(({ sid }) => sid).sort()).toEqual(sids.sort())

  await scene.remove('copy-live')
  await scene.remove('copy-found')
  await scene.gone('copy-live')
  await scene.gone('copy-found')
  await expectAllRight(scene, { alive: ['original'] })
  expect((await ready(scene, 'original')).status.sid).toBe(original.status.sid)
})

test("import of another object's sink", async () => {
  const { sid: owned = '' } = (await scene.make('owner')).status
  await scene.apply(sink('robber', importing(owned, 'owner')))
  await says(scene, 'robber', 'Ready', 'OwnershipConflict')
  const since = await scene.last()
  await scene.remove('robber')
  await scene.gone('robber')
  expect(await scene.changes(since), 'its deletion changes nothing at Twilio').toEqual([])

  // While the create of the owner is still on its way: the sink is there, and nobody has recorded it.
  const held = scene.proxy.onRequest({
    match: { name: 'twilio:CREATE:Sinks', when: ({ body }) => body.includes('late-owner') },
    action: { kind: 'hold', phase: 'after' },
  })
  await scene.apply(sink('late-owner'))
  await held.struck
  const [made] = await scene.sinksOf('late-owner')
  await scene.apply(sink('early-robber', importing(made?.sid ?? '', 'late-owner')))
  await says(scene, 'early-robber', 'Ready', 'OwnershipConflict')
  held.release()
  await expectAllRight(scene, { alive: ['owner', 'late-owner'] })

  // Of two that import the same sink without a mark, the older one has it.
  const shared = await madeByHand('shared', 'Events for shared')
  await scene.make('shared', importing(shared, 'shared'))
  await polls(3)
  await scene.apply(sink('younger', importing(shared, 'shared')))
  await says(scene, 'younger', 'Ready', 'OwnershipConflict')
  await scene.remove('younger')
  await scene.remove('early-robber')
  await scene.gone('younger')
  await scene.gone('early-robber')
  await expectAllRight(scene, { alive: ['owner', 'late-owner', 'shared'] })
})

test('an imported sink disappearing', async () => {
  const recorded = await madeByHand('imported', 'Events for imported')
  const never = await madeByHand('never-seen', 'Events for never-seen')
  await scene.make('imported', importing(recorded, 'imported'))
  await scene.person('DELETE', `/v1/Sinks/${recorded}`)
  await scene.person('DELETE', `/v1/Sinks/${never}`)
  await scene.apply(sink('never-seen', importing(never, 'never-seen')))
  const since = await scene.last()
  await says(scene, 'never-seen', 'Ready', 'ImportNotFound')
  await says(scene, 'imported', 'Ready', 'ImportNotFound')
  await scene.operator().kill()
  await scene.restart()
  await polls(4)
  await says(scene, 'imported', 'Ready', 'ImportNotFound')
  expect(await scene.changes(since), 'an import never creates').toEqual([])
  for (const name of ['imported', 'never-seen']) await scene.remove(name)
  await expectAllRight(scene, { dead: ['imported', 'never-seen'] })
  await expectStrangersUntouched(scene)
})
