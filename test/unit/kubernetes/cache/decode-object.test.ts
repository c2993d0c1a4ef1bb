import { describe, expect, it } from 'vitest'
import { decodeTrimmed } from '../../../../src/kubernetes/cache/decode-object.ts'
import type { Metadata } from '../../../../src/api/parse.ts'
import { parseSink, type Sink } from '../../../../src/api/sink.ts'
import { CREATE_ATTEMPT_ANNOTATION, FINALIZER } from '../../../../src/api/group.ts'
import { addFinalizerPatch, removeFinalizerPatch } from '../../../../src/reconciler/metadata-patch.ts'
import { patched } from '../../../model/json-patch.ts'

/** As the API server has it. */
const stored = (metadata: object) => ({
  metadata: {
    ...{ name: 'orders', namespace: 'shop', uid: 'u', resourceVersion: '7', generation: 1 },
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...metadata,
  },
  spec: { description: 'Orders', webhook: { destination: 'https://a.example.com/' } },
  status: { observedGeneration: -1 },
})

function kept(metadata: object): Metadata {
  const cached = decodeTrimmed<Sink>(stored(metadata), parseSink)?.cached
  if (cached?.readable !== true) throw new Error(`unreadable: ${cached?.problem}`)
  return cached.object.metadata
}

const ATTEMPT = {
  ...{ uid: 'u', attempt: 1, accountSid: 'AC1', times: [], generation: 1 },
  key: '0123456789abcdef' as never,
}
const MANY = Object.fromEntries(
  Array.from({ length: 1_000 }, (_, index) => [`team.example.com/${index}`, 'x'.repeat(200)]),
)

describe('an object in the cache', () => {
  it.each([
    ['annotations of others', { annotations: MANY }],
    ['a long annotation of ours', { annotations: { [CREATE_ATTEMPT_ANNOTATION]: 'x'.repeat(200_000) } }],
    ['labels', { labels: MANY }],
    ['managedFields', { managedFields: Object.entries(MANY) }],
    ['owners', { ownerReferences: Object.entries(MANY) }],
    ['anything else', { selfLink: 'x'.repeat(200_000) }],
  ])('is as small with %s as without', (_what, metadata) => {
    expect(JSON.stringify(kept(metadata)).length).toBeLessThan(600)
  })

  it('keeps but the place of each finalizer of others', () => {
    const finalizers = Array.from({ length: 1_000 }, (_, index) => `${'x'.repeat(200)}.example.com/${index}`)
    const trimmed = kept({ finalizers: [...finalizers, FINALIZER] })
    expect(trimmed.finalizers.lastIndexOf(FINALIZER)).toBe(1_000)
    expect(JSON.stringify(trimmed).length).toBeLessThan(4_000)
  })

  it('keeps what people and the operator ask for and write', () => {
    const annotations = {
      'events.twilio.com/create-attempt': 'a',
      'events.twilio.com/reconcile-requested-at': 'b',
      'reconcile.fluxcd.io/requestedAt': 'c',
      'events.twilio.com/test-requested-at': 'd',
      'events.twilio.com/validate': 'e',
      'events.twilio.com/allow-mass-change': 'f',
    }
    expect(kept({ annotations: { ...MANY, ...annotations } }).annotations).toEqual(annotations)
  })
})

describe('a patch of an object that was trimmed leaves what others have written', () => {
  it.each([
    ['nothing', {}],
    ['annotations', { annotations: MANY }],
    ['finalizers', { finalizers: ['a.example.com/x', 'b.example.com/x'] }],
    ['both', { annotations: MANY, finalizers: ['a.example.com/x'] }],
    ['a journal', { annotations: { ...MANY, [CREATE_ATTEMPT_ANNOTATION]: 'old' } }],
  ])('where there was %s before', (_what, metadata: { annotations?: object; finalizers?: string[] }) => {
    const { annotations = {}, finalizers = [] } = metadata
    const after = patched(stored(metadata), addFinalizerPatch(kept(metadata), ATTEMPT))
    if (after === 'conflict') throw new Error('a conflict')
    const journal = { [CREATE_ATTEMPT_ANNOTATION]: JSON.stringify(ATTEMPT) }
    expect(after.metadata).toMatchObject({
      annotations: { ...annotations, ...journal },
      finalizers: [...finalizers, FINALIZER],
    })
    const ended = patched(after, removeFinalizerPatch(kept(after.metadata)))
    expect(ended).toMatchObject({ metadata: { annotations: { ...annotations, ...journal }, finalizers } })
  })

  it('takes ours away as often as it is there, and no other', () => {
    const others = ['a.example.com/x', ...Array.from({ length: 10 }, (_, at) => `b.example.com/${at}`)]
    const finalizers = [FINALIZER, ...others, FINALIZER, 'c.example.com/x', FINALIZER]
    const ended = patched(stored({ finalizers }), removeFinalizerPatch(kept({ finalizers })))
    expect(ended).toMatchObject({ metadata: { finalizers: [...others, 'c.example.com/x'] } })
  })
})
