import { expect, it } from 'vitest'
import { CREATE_ATTEMPT_ANNOTATION } from '../../../../src/api/group.ts'
import { readable } from '../../../../src/reconciler/memory/account-of-sink.ts'
import { sinksOf } from '../../../../src/reconciler/account/sinks-of-account.ts'
import { formatAttempt } from '../../../../src/external/create-attempt.ts'
import { SID } from '../external.ts'
import { ACCOUNT, ACCOUNT_SID, createWorld, KEY, sinkObject } from '../world.ts'

const ELSEWHERE = `AC${'2'.repeat(32)}`

const attemptIn = (accountSid: string) => ({
  annotations: {
    [CREATE_ATTEMPT_ANNOTATION]: formatAttempt({
      uid: 'uid',
      attempt: 2,
      accountSid,
      key: accountSid,
      times: [],
    }),
  },
})

it.each([
  ['has no sink yet', {}, true],
  ['has its sink in it', { status: { sid: SID, accountSid: ACCOUNT_SID } }, true],
  ['has its sink elsewhere', { status: { sid: SID, accountSid: ELSEWHERE } }, false],
  ['may have made a sink in it', { metadata: attemptIn(ACCOUNT_SID) }, true],
  ['may have made a sink elsewhere', { metadata: attemptIn(ELSEWHERE) }, false],
  [
    'has a sink elsewhere and may have made one in it',
    { metadata: attemptIn(ACCOUNT_SID), status: { sid: SID, accountSid: ELSEWHERE, createAttempt: 1 } },
    true,
  ],
])('an account that a Sink refers to which %s must stay: $2', async (_, by, needed) => {
  const world = createWorld()
  await world.start()
  await world.apply(KEY, sinkObject(by))
  const account = readable(world.accounts.get(ACCOUNT))
  const entry = world.s.registry.get(ACCOUNT)
  if (account === undefined || entry === undefined) throw new Error('the world has no account')
  expect(sinksOf(world.s, { ...entry, account }).needed).toBe(needed)
})
