import { expect, it } from 'vitest'
import { parseTwilioAccount } from '../../../../src/api/twilio-account.ts'
import { createAccountState, type AccountState } from '../../../../src/reconciler/memory/account-registry.ts'
import { keyDigest } from '../../../../src/external/key-digest.ts'
import { accountStatus } from '../../../../src/reconciler/account/account-status.ts'
import { fakeTwilio } from '../fake-twilio.ts'
import { ACCOUNT, accountObject } from '../world.ts'

const SETTINGS = { installationId: 'here', watchesAll: true }

const VERIFIED = { status: 'True', type: 'Ready', reason: 'Verified', message: '', lastTransitionTime: '' }

/** The status of an account of generation 2, after `status`, of which this process knows what is `known`. */
function statusAfter(status: object, known: Partial<AccountState>) {
  const object = accountObject()
  const read = parseTwilioAccount({ ...object, metadata: { ...object.metadata, generation: 2 }, status })
  if (!read.readable) throw new Error(read.problem)
  const entry = { ...createAccountState('shop/default', ACCOUNT, 0), ...known }
  return accountStatus({
    account: read.object,
    entry,
    overdue: false,
    tied: true,
    settings: SETTINGS,
    recorded: new Set(),
    remaining: { near: [], elsewhere: false, inDoubt: false, unread: false },
    unowned: [],
    wall: 0,
  })
}

it('is not called observed before anything can be said of it: without conditions it would pass for current', () => {
  const { observedGeneration, conditions } = statusAfter({ observedGeneration: -1 }, {})
  expect({ observedGeneration, conditions }).toEqual({ observedGeneration: -1, conditions: [] })
})

it('says of an edited spec what it said before, and of which generation that was, until it knows', () => {
  const ready = { ...VERIFIED, observedGeneration: 1 }
  const { observedGeneration, conditions } = statusAfter({ observedGeneration: 1, conditions: [ready] }, {})
  expect({ observedGeneration, conditions }).toEqual({ observedGeneration: 1, conditions: [ready] })
})

it('is observed once Twilio has answered, or has given a reason why not', () => {
  const trouble = { reason: 'Unauthorized', message: '' } as const
  for (const known of [{ verified: true }, { trouble }])
    expect(statusAfter({ observedGeneration: 1 }, known).observedGeneration).toBe(2)
})

it('of credentials that Twilio has not answered yet says so, and nothing that was true of others', () => {
  const credential = { username: ACCOUNT, password: 'token' }
  const api = fakeTwilio().connect({ name: '' }, credential)
  const connection = { credential, key: keyDigest(credential.username), api }
  const failing = { connection, failures: 1 }
  const reasonOf = (before: string | undefined, known: Partial<AccountState>) => {
    const ready = { ...VERIFIED, status: 'False', reason: before }
    const conditions = before === undefined ? [] : [ready]
    const { conditions: after } = statusAfter({ observedGeneration: 1, conditions }, known)
    return after.find(({ type }) => type === 'Ready')?.reason
  }
  for (const over of [undefined, 'SecretMissing', 'SecretInvalid'])
    expect(reasonOf(over, failing), `${over} is over: there is a credential`).toBe('TwilioUnreachable')
  for (const perhaps of ['Unauthorized', 'Forbidden', 'Verified']) {
    expect(reasonOf(perhaps, failing), 'a restart writes nothing').toBe(perhaps)
    expect(reasonOf(perhaps, { ...failing, replaced: true })).toBe('TwilioUnreachable')
  }
})
