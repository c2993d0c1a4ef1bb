import { expect, it } from 'vitest'
import { reconcileSink } from '../../../src/reconciler/sink-reconciler.ts'
import { refreshCredential } from '../../../src/reconciler/account/read-credential.ts'
import { readable } from '../../../src/reconciler/memory/account-of-sink.ts'
import { external, SID } from './external.ts'
import { ACCOUNT, ACCOUNT_SID, createWorld, KEY, sinkObject } from './world.ts'

it('does not say that Twilio has not answered for three polls when a key has just come into use', async () => {
  const world = createWorld()
  world.twilio.sinks.set(SID, external())
  await world.start()
  const status = { sid: SID, accountSid: ACCOUNT_SID, createAttempt: 1 }
  await world.apply(KEY, sinkObject({ metadata: { finalizers: ['events.twilio.com/finalizer'] }, status }))
  world.pass(3_600_000)
  world.woken.accounts.add(ACCOUNT)
  await world.settle()
  const [account, entry] = [readable(world.accounts.get(ACCOUNT)), world.s.registry.get(ACCOUNT)]
  if (account === undefined || entry === undefined) throw new Error('the world has no account')
  world.secret.clear()
  world.secret.set('TWILIO_API_KEY', `SK${'1'.repeat(32)}`).set('TWILIO_API_SECRET', 'secret')
  await refreshCredential(world.s, account, entry)
  // Its first LIST is still on its way.
  await reconcileSink(world.s, KEY)
  const { status: said } = world.sinks.stored.get(KEY) as { status?: object }
  expect(JSON.stringify(said)).toContain('"reason":"Active"')
})
