import { describe, expect, test } from 'vitest'
import { Sink } from '../../../../src/api/sink.ts'
import { removeSink, suspendAndOrphan } from '../../../../src/commands/release/objects.ts'
import type { LiveObjects } from '../../../../src/kubernetes/release-client.ts'
import { KubernetesFailure } from '../../../../src/reconciler/ports.ts'
import { fakeRelease } from './fake-release.ts'

interface Spec {
  readonly suspend?: boolean
  readonly deletionPolicy?: 'Delete' | 'Orphan'
}

/** One Sink, as it is in the cluster. */
function placed(spec: Spec, leaving: boolean, changed: Partial<LiveObjects<Sink>> = {}) {
  const fake = fakeRelease([{ name: 'orders', accountSid: `AC${'1'.repeat(32)}` }], changed)
  const [made] = fake.release.scope.sinks.objects
  const deletionTimestamp = leaving ? '2026-01-01T00:00:00Z' : undefined
  const sink = Sink.parse({
    ...made,
    metadata: { ...made?.metadata, deletionTimestamp },
    spec: { ...made?.spec, ...spec },
  })
  fake.objects.set('orders', sink)
  return { sinks: fake.release.client.sinks, sink, writes: fake.writes }
}

describe('a Sink is stopped', () => {
  test('by suspend and Orphan, so that neither its mark nor its sink is touched', async () => {
    const { sinks, sink } = placed({}, false)
    const { spec } = await suspendAndOrphan(sinks, sink)
    expect(spec).toMatchObject({ suspend: true, deletionPolicy: 'Orphan' })
  })

  test('by suspend alone while it is being deleted: with Orphan an operator would free it with its mark', async () => {
    const { sinks, sink } = placed({ deletionPolicy: 'Delete' }, true)
    const { spec } = await suspendAndOrphan(sinks, sink)
    expect(spec).toMatchObject({ suspend: true, deletionPolicy: 'Delete' })
  })

  test.each<[string, Spec, leaving: boolean]>([
    ['it is so already', { suspend: true, deletionPolicy: 'Orphan' }, false],
    ['it is suspended and being deleted', { suspend: true }, true],
  ])('without a write when %s', async (_, spec, leaving) => {
    const { sinks, sink, writes } = placed(spec, leaving)
    await suspendAndOrphan(sinks, sink)
    expect(writes).toEqual([])
  })
})

describe('a Sink is removed', () => {
  test('with Orphan, also when its deletion has been asked for before', async () => {
    const { sinks, sink, writes } = placed({ suspend: true, deletionPolicy: 'Delete' }, true)
    expect(await removeSink(sinks, sink)).toBeUndefined()
    expect(writes).toEqual(['patch orders', 'remove orders'])
  })

  test('again and again while others write at the same moment', async () => {
    let conflicts = 3
    const remove = async (): Promise<undefined> => {
      conflicts -= 1
      if (conflicts >= 0) throw new KubernetesFailure('conflict', 'another version')
    }
    const { sinks, sink } = placed({}, false, { remove })
    expect(await removeSink(sinks, sink)).toBeUndefined()
    expect(conflicts).toBe(-1)
  })

  test('never against a refusal', async () => {
    const refusal = new KubernetesFailure('forbidden', 'may not delete it')
    const { sinks, sink } = placed({}, false, { remove: () => Promise.reject(refusal) })
    await expect(removeSink(sinks, sink)).rejects.toBe(refusal)
  })
})
