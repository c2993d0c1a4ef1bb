import { describe, expect, test } from 'vitest'
import { condition, readyCondition, type SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { spec, tellingOf, type LiveWorld } from './world.ts'

interface Poison {
  readonly name: string
  readonly spec: unknown
  readonly status?: unknown
  readonly annotations?: Readonly<Record<string, string>>
}

const ATTEMPT = 'events.twilio.com/create-attempt'
const fine = (name: string) => spec(name)

/** What no CRD of this version lets in, as an older or newer one might have, or a hand in etcd. */
const UNREADABLE: readonly Poison[] = [
  { name: 'unknown-enum', spec: { ...fine('unknown-enum'), deletionPolicy: 'Perhaps' } },
  { name: 'wrong-type', spec: { ...fine('wrong-type'), description: 42 } },
  { name: 'no-type', spec: { description: 'Events for no-type' } },
  { name: 'a-list', spec: ['not', 'an', 'object'] },
]

/** Odd, but enough can be read of them. */
const READABLE: readonly Poison[] = [
  { name: 'odd-journal', spec: fine('odd-journal'), annotations: { [ATTEMPT]: '{"uid":' } },
  { name: 'endless-journal', spec: fine('endless-journal'), annotations: { [ATTEMPT]: 'x'.repeat(100_000) } },
  {
    name: 'huge-status',
    spec: fine('huge-status'),
    status: { observedGeneration: 1, junk: 'x'.repeat(900_000) },
  },
]

/** C44. Leaves the CRD as it was. */
export function poison(the: () => LiveWorld): void {
  describe('objects that no version of ours has written', () => {
    let strict: Crd | undefined
    const store = async ({ name, spec, status, annotations }: Poison): Promise<void> => {
      const { stage } = the()
      const object = {
        apiVersion: 'events.twilio.com/v1alpha1',
        kind: 'Sink',
        metadata: { name, annotations },
        spec,
        ...(status !== undefined && { status }),
      }
      await stage.kubectl(['create', '-f', '-'], JSON.stringify(object))
      if (status === undefined) return
      // The operator writes, too: the later writer reads again.
      await until(`the status of ${name} is stored`, async () => {
        const now = await stage.get('sinks', name)
        const replaced = JSON.stringify({ ...now, status })
        return stage.kubectl(['replace', '--subresource=status', '-f', '-'], replaced).catch(() => undefined)
      })
    }

    test('say so themselves, and keep no other from moving', async () => {
      const world = the()
      const { stage } = world
      await world.apply('beside-poison', spec('beside-poison'))
      const [sid] = await world.oneEach(['beside-poison'])
      strict = await laxCrd(world)
      for (const object of [...UNREADABLE, ...READABLE]) await store(object)

      for (const { name } of UNREADABLE) {
        const seen = await world.see(
          'says so',
          name,
          (object) => readyCondition(object)?.reason === 'InvalidValue',
        )
        expect(condition(seen, 'Stalled')?.status, name).toBe('True')
        expect(seen.status.observedGeneration, name).toBe(seen.metadata.generation)
        expect(await tellingOf(world, name), name).toEqual([])
      }
      await world.patch('beside-poison', { spec: { description: 'Events for beside-poison, edited' } })
      await world.apply('after-poison', spec('after-poison'))
      expect(await world.oneEach(['beside-poison', 'after-poison'])).toContain(sid)
      await world.oneEach(READABLE.map(({ name }) => name))
      expect(stage.operator().log(), 'a pass that threw').not.toContain('please report this')
    })

    test('keep the sink that they have, and say so when they are deleted', async () => {
      const world = the()
      await world.apply('turned', spec('turned'))
      const [sid] = await world.oneEach(['turned'])
      await world.patch('turned', { spec: { webhook: { method: 'PUT' } } })
      await world.see('says so', 'turned', (object) => readyCondition(object)?.reason === 'InvalidValue')
      const since = await world.now()
      // Nobody else may have it, and take it away.
      const importing = { deletionPolicy: 'Delete', import: { sid } }
      await world.apply('thief', { ...spec('turned'), ...importing })
      await world.see(
        'is refused',
        'thief',
        (object) => readyCondition(object)?.reason === 'OwnershipConflict',
      )
      await world.remove('thief')
      await world.gone('thief')
      await world.remove('turned')
      const blocked = (object: SinkObject) => condition(object, 'DeletionBlocked')?.reason === 'InvalidValue'
      await world.see('waits', 'turned', blocked)
      expect(readyCondition(await world.look('turned'))?.message).toContain('method')
      await world.apply('after-turned', spec('after-turned'))
      await world.oneEach(['after-turned'])
      expect(await world.sent('DeleteSink', since)).toEqual([])
      await world.patch('turned', { spec: { webhook: { method: 'POST' } } })
      await world.gone('turned')
      expect(await world.atTwilio(sid)).toBeUndefined()
    })

    test('are not written anew by an operator that starts', async () => {
      const world = the()
      const versions = () =>
        Promise.all(UNREADABLE.map(async ({ name }) => (await world.look(name))?.metadata.resourceVersion))
      const before = await versions()
      await world.stage.operator().stop()
      await world.stage.restart()
      await world.apply('after-restart', spec('after-restart'))
      await world.oneEach(['after-restart'])
      expect(await versions()).toEqual(before)
    })

    test('heal when they are mended, and can be deleted', async () => {
      const world = the()
      for (const { name } of UNREADABLE) {
        await world.stage.kubectl(['delete', 'sink', name, '--wait=false'])
        await world.gone(name)
      }
      await world.stage.kubectl(['replace', '-f', '-'], JSON.stringify(strict))
      await world.apply('unknown-enum', spec('unknown-enum'))
      await world.oneEach(['unknown-enum'])
    })
  })
}

interface Crd {
  readonly metadata: { resourceVersion?: string }
  readonly spec: {
    readonly versions: { schema: { openAPIV3Schema: { properties: Record<string, unknown> } } }[]
  }
}

/** Lets everything in; resolves with how it was. */
async function laxCrd({ stage }: LiveWorld): Promise<Crd> {
  const crd = JSON.parse(await stage.kubectl(['get', 'crd', 'sinks.events.twilio.com', '-o', 'json'])) as Crd
  const lax = structuredClone(crd)
  const anything = { 'x-kubernetes-preserve-unknown-fields': true }
  const status = { type: 'object', default: { observedGeneration: -1 }, ...anything }
  for (const { schema } of lax.spec.versions)
    schema.openAPIV3Schema = { ...{ type: 'object' }, properties: { spec: anything, status } }
  await stage.kubectl(['replace', '-f', '-'], JSON.stringify(lax))
  delete crd.metadata.resourceVersion
  return crd
}
