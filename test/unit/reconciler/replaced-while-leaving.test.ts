import { expect, it } from 'vitest'
import { CREATE_ATTEMPT_ANNOTATION, FINALIZER } from '../../../src/api/group.ts'
import { formatAttempt } from '../../../src/external/create-attempt.ts'
import { ACCOUNT, ACCOUNT_SID, createWorld, KEY, sinkObject } from './world.ts'

it.each([1, 2])(
  'the end of an object ends no attempt of the next one under its name, number %i',
  async (number) => {
    const world = createWorld()
    await world.start()
    const journal = (uid: string, attempt: number) => ({
      [CREATE_ATTEMPT_ANNOTATION]: formatAttempt({
        uid,
        attempt,
        accountSid: ACCOUNT_SID,
        key: ACCOUNT_SID,
        times: [],
      }),
    })
    const store = { ...world.sinks }
    // Another process has claimed for the new object, and its watch is faster than the answer to our patch.
    world.sinks.patch = async (key, operations) => {
      const held = await store.patch(key, operations)
      Object.assign(world.sinks, store)
      const metadata = { uid: 'next', finalizers: [FINALIZER], annotations: journal('next', number) }
      await world.apply(KEY, sinkObject({ metadata }))
      return held
    }
    const leaving = { finalizers: [FINALIZER], deletionTimestamp: '2026-11-24T12:00:00Z' }
    await world.apply(KEY, sinkObject({ metadata: { ...leaving, annotations: journal('uid', 1) } }))
    await world.settle()
    world.pass(300_000)
    world.woken.accounts.add(ACCOUNT)
    world.woken.sinks.add(KEY)
    await world.settle()
    expect(world.sinks.stored.get(KEY)?.metadata.uid).toBe('next')
    expect(world.s.names.of(KEY).attempts.open(0)).toMatchObject([{ number, uid: 'next' }])
    expect(world.twilio.count('create'), 'the other create may still take effect').toBe(0)
  },
)
