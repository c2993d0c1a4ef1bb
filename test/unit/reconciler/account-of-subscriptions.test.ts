import { expect, it } from 'vitest'
import { findCondition } from '../../../src/api/condition.ts'
import { SubscriptionPage } from '../../../src/twilio/answers.ts'
import { readable } from '../../../src/reconciler/memory/account-of-sink.ts'
import { SID } from './external.ts'
import { ACCOUNT, accountObject, createWorld, KEY, sinkObject } from './world.ts'

/** Subscriptions say whose account it is. Only another account than the pinned one may stop anything. */

const LOWER = `ACab${'c'.repeat(30)}`
const UPPER = `AC${LOWER.slice(2).toUpperCase()}`

async function withAccountSids(pinned: string, told: string | null | undefined) {
  const world = createWorld()
  const subscription = { sid: `DF${'1'.repeat(32)}`, sink_sid: SID, account_sid: told }
  const page = SubscriptionPage.parse({ subscriptions: [subscription], meta: { next_page_url: null } })
  const connectTwilio: typeof world.s.connectTwilio = (...given) => ({
    ...world.twilio.connect(...given),
    listSubscriptions: async () => page.items,
  })
  Object.assign(world.s, { connectTwilio })
  world.accounts.put(ACCOUNT, accountObject({ spec: { accountSid: pinned } }))
  await world.start()
  await world.apply(KEY, sinkObject())
  await world.settle()
  const ready = findCondition(readable(world.accounts.get(ACCOUNT))?.status.conditions ?? [], 'Ready')
  return { reason: ready?.reason, created: world.twilio.count('create') }
}

it.each([
  ['is absent', LOWER, undefined],
  ['is null', LOWER, null],
  ['is the pinned one, which was written in capitals', UPPER, LOWER],
  ['is the pinned one, which Twilio writes in capitals', LOWER, UPPER],
])('an account_sid that %s is no mismatch', async (_, pinned, told) => {
  expect(await withAccountSids(pinned, told)).toEqual({ reason: 'Verified', created: 1 })
})

it('an account_sid that is another one is a mismatch, in whatever case', async () => {
  const other = `AC${'D'.repeat(32)}`
  expect(await withAccountSids(LOWER, other)).toEqual({ reason: 'AccountMismatch', created: 0 })
})
