import { describe, expect, it } from 'vitest'
import { FINALIZER, RECONCILE_REQUESTED_AT_ANNOTATION } from '../../../../src/api/group.ts'
import type { ReconcileContext } from '../../../../src/reconciler/context.ts'
import { readable } from '../../../../src/reconciler/memory/account-of-sink.ts'
import { readInputs } from '../../../../src/reconciler/observe/inputs.ts'
import { observeSink } from '../../../../src/reconciler/observe/observe-sink.ts'
import { KubernetesFailure } from '../../../../src/reconciler/ports.ts'
import { TwilioFailure } from '../../../../src/external/failure.ts'
import { plain } from '../../../model/memory.ts'
import { ACCOUNT, createWorld, KEY, sinkObject } from '../world.ts'

type World = ReturnType<typeof createWorld>

const forbidden = (): never => {
  throw new Error('To observe is to look')
}

/** Time stands still, and whatever would write or call fails. */
const onlyLooking = (s: ReconcileContext): ReconcileContext => ({
  ...s,
  clock: { now: () => 1_800_000_000_000, monotonic: () => 1_000_000 },
  cluster: { secret: forbidden, namespaceLabels: forbidden, sinkCrd: forbidden },
  enqueue: { sink: forbidden, account: forbidden },
  lastSeen: { ...s.lastSeen, recordSeen: forbidden, forgetBefore: forbidden },
  witnesses: { ...s.witnesses, shown: forbidden, forget: forbidden },
  index: { ...s.index, change: forbidden },
  registry: { ...s.registry, ensure: forbidden, recordSeen: forbidden, recordAbsent: forbidden },
})

const memoryOf = ({ names, registry, unreadable }: ReconcileContext) =>
  plain({ names, unreadable, accounts: [...registry.all()] })

async function started(): Promise<World> {
  const world = createWorld()
  await world.start()
  return world
}

async function created(): Promise<World> {
  const world = await started()
  await world.apply(KEY, sinkObject())
  await world.settle()
  return world
}

async function changed(by: object): Promise<World> {
  const world = await created()
  const { metadata, ...object } = world.sinks.stored.get(KEY) ?? sinkObject()
  await world.apply(KEY, { ...object, metadata: { ...metadata, ...by } })
  return world
}

const lost = () => Promise.reject(new TwilioFailure({ kind: 'transient', message: 'no answer' }))

const BEGINNINGS: readonly (readonly [string, () => Promise<World>])[] = [
  [
    'that is new',
    async () => {
      const world = await started()
      await world.apply(KEY, sinkObject())
      return world
    },
  ],
  ['that is settled', created],
  [
    'whose create has not been answered',
    async () => {
      const world = await started()
      world.twilio.created = lost
      await world.apply(KEY, sinkObject())
      await world.settle()
      return world
    },
  ],
  [
    'of which a reconcile is asked',
    () => changed({ annotations: { [RECONCILE_REQUESTED_AT_ANNOTATION]: 'now' } }),
  ],
  [
    'that is being deleted',
    () => changed({ finalizers: [FINALIZER], deletionTimestamp: '2026-11-24T12:00:00Z' }),
  ],
]

describe('to observe a Sink', () => {
  it.each(BEGINNINGS)('%s is only to look: twice the same, and nothing is remembered', async (_, begin) => {
    const world = await begin()
    const sink = readable(world.s.sinks.get(KEY))
    if (sink === undefined) throw new Error('There is no Sink')
    const inputs = await readInputs(world.s, KEY, sink)
    const s = onlyLooking(world.s)
    const before = memoryOf(s)
    const calls = world.twilio.calls.length
    const first = observeSink(s, inputs)
    expect(observeSink(s, inputs)).toEqual(first)
    expect(memoryOf(s)).toEqual(before)
    expect(world.twilio.calls.length).toBe(calls)
  })
})

it('a journal that the cache shows counts, although the answer to its write is lost', async () => {
  const world = await started()
  const patch = world.sinks.patch.bind(world.sinks)
  let journals = 0
  world.sinks.patch = async (key, operations) => {
    const written = await patch(key, operations)
    if (!JSON.stringify(operations).includes('create-attempt')) return written
    journals += 1
    throw new KubernetesFailure('unavailable', 'no answer')
  }
  await world.apply(KEY, sinkObject())
  await world.settle()
  world.sinks.patch = patch
  expect(journals).toBe(1)
  expect(world.s.names.of(KEY).attempts.open(0)).toMatchObject([{ number: 1 }])
  world.woken.sinks.add(KEY)
  world.woken.accounts.add(ACCOUNT)
  await world.settle()
  expect(world.twilio.count('create'), 'it waits as for a create that was sent').toBe(0)
})
