import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseSink, type Sink } from '../../../../src/api/sink.ts'
import type { CachedObject } from '../../../../src/reconciler/ports.ts'
import { createSinkIndex, type SinkIndex } from '../../../../src/reconciler/memory/sink-index.ts'
import { objectPart } from '../../../../src/external/ownership-mark.ts'
import { cacheWorld, NAMES, STEPS, type Step } from '../../kubernetes/cache/cache-world.ts'

const SIDS = ['1', '2', '3'].map((digit) => `DG${digit.repeat(32)}`)

/** What it has recorded, or wants to import, changes with each version. */
function sinkAt(key: string, uid: string, version: number): CachedObject<Sink> {
  const [namespace, name] = key.split('/')
  const sid = SIDS[version % 4]
  const wish = SIDS[version % 3]
  const read = parseSink({
    metadata: {
      ...{ name, namespace, uid, generation: 1, resourceVersion: String(version) },
      creationTimestamp: '2026-11-24T10:00:00Z',
    },
    spec: {
      ...{ description: 'x', webhook: { destination: 'https://a.example.com/' }, deletionPolicy: 'Orphan' },
      import: { sid: wish },
    },
    status: { observedGeneration: 1, ...(sid !== undefined && { sid }) },
  })
  if (!read.ok) throw new Error(read.problem)
  return { readable: true, key, object: read.sink }
}

const contentOf = (index: SinkIndex) => ({
  names: NAMES.map((key) => index.keyOfObject(objectPart(key))),
  claims: SIDS.map((sid) => index.claims(sid).toSorted((a, b) => (a.key < b.key ? -1 : 1))),
})

const steps = fc.array(fc.tuple(fc.constantFrom(...STEPS), fc.constantFrom(...NAMES)), { maxLength: 60 })

test('after each LIST, event, write, read and restore, in any order, the index is the one that the cache gives', () => {
  fc.assert(
    fc.property(steps, (taken: readonly Step[]) => {
      const index = createSinkIndex()
      const world = cacheWorld<Sink>((key, { uid, version }) => sinkAt(key, uid, version), {
        changed: ({ key, after }) => index.change(key, after),
      })
      for (const step of taken) {
        world.step(step)
        const computed = createSinkIndex()
        for (const held of world.cache.values()) computed.change(held.key, held)
        expect(contentOf(index)).toEqual(contentOf(computed))
      }
    }),
    { numRuns: 300 },
  )
})
