import { describe, expect, it } from 'vitest'
import { KubernetesFailure } from '../../../src/reconciler/ports.ts'
import { ACCOUNT, createWorld, KEY, sinkObject } from './world.ts'

async function started() {
  const world = createWorld()
  await world.start()
  return world
}

/** As an API server does whose CRD does not name the field. */
function dropSid({ sinks }: ReturnType<typeof createWorld>): () => void {
  const { stored } = sinks
  const keep = stored.set.bind(stored)
  stored.set = (key, object) => {
    const { sid: _, ...status } = object['status'] as { sid?: string }
    return keep(key, { ...object, status })
  }
  return () => {
    stored.set = keep
  }
}

describe('a Sink whose CRD is older than the operator', () => {
  it('is neither claimed nor created, and is once the CRD is complete', async () => {
    const world = await started()
    world.crds.assertComplete = async () => {
      throw new KubernetesFailure('unavailable', 'the CRDs lack sink.status.sid')
    }
    await world.apply(KEY, sinkObject())
    expect((await world.settle()).last).toEqual({ kind: 'retry' })
    expect(world.twilio.count('create')).toBe(0)
    expect(world.sinks.patches).toBe(0)
    world.crds.assertComplete = async () => undefined
    world.woken.sinks.add(KEY)
    await world.settle()
    expect(world.twilio.count('create')).toBe(1)
  })

  it('has one sink although its SID is dropped, also for the next process, and records it afterwards', async () => {
    const world = await started()
    const dropped: string[] = []
    world.crds.fieldDropped = (field) => dropped.push(field)
    const keepAgain = dropSid(world)
    await world.apply(KEY, sinkObject())
    await world.settle()
    expect(dropped).toContain('sink.status.sid')
    const next = world.another()
    await next.start()
    for (let polls = 0; polls < 5; polls += 1) {
      next.pass(300_000)
      next.woken.accounts.add(ACCOUNT)
      next.woken.sinks.add(KEY)
      await next.settle()
    }
    expect(world.twilio.count('create')).toBe(1)
    keepAgain()
    next.pass(300_000)
    next.woken.accounts.add(ACCOUNT)
    next.woken.sinks.add(KEY)
    await next.settle()
    expect((world.sinks.stored.get(KEY)?.['status'] as { sid?: string }).sid).toBe(
      [...world.twilio.sinks.keys()][0],
    )
    expect(world.twilio.count('create')).toBe(1)
  })

  it('takes its sink along when it is deleted, although its SID is no longer shown', async () => {
    const world = await started()
    await world.apply(KEY, sinkObject())
    await world.settle()
    dropSid(world)
    const shown = world.sinks.stored.get(KEY)
    if (shown === undefined) throw new Error('no object')
    const metadata = { ...shown.metadata, deletionTimestamp: '2026-11-24T12:00:00Z' }
    await world.apply(KEY, { ...shown, metadata })
    for (let polls = 0; polls < 3; polls += 1) {
      await world.settle()
      world.pass(300_000)
      world.woken.accounts.add(ACCOUNT)
      world.woken.sinks.add(KEY)
    }
    await world.settle()
    expect(world.twilio.count('delete')).toBe(1)
    expect(world.twilio.sinks.size).toBe(0)
  })
})
