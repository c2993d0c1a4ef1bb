import { expect, it } from 'vitest'
import { isProvenKey } from '../../../src/account/proven-key.ts'
import { sid } from '../sink/observations.ts'

type Evidence = Parameters<typeof isProvenKey>[1]
const OTHER = `SK${'2'.repeat(32)}`
const KEY = `SK${'1'.repeat(32)}`
const recorded = (letter: string, madeThrough?: string) => ({ sid: sid(letter), madeThrough })
const NONE: Evidence = {
  listedSids: new Set([sid('a'), sid('b')]),
  provenKey: undefined,
  recorded: [],
  contradicted: false,
  subscriptionAccounts: new Set(),
}
const proven = (evidence: Partial<Evidence>, key = KEY) =>
  isProvenKey({ accountSid: 'AC1', key }, { ...NONE, ...evidence })

it.each<[why: string, by: Partial<Evidence>, key?: string]>([
  ['it is the auth token: the SID of the account is its user name', {}, 'AC1'],
  ['a recorded SID has been seen through it', { recorded: [recorded('c'), recorded('b')] }],
  [
    'nothing but a sink made through it is seen, and nothing speaks against',
    { recorded: [recorded('a', KEY)] },
  ],
  [
    'a sink made through another key is seen, whatever is missing',
    { recorded: [recorded('a', KEY), recorded('b', OTHER)], contradicted: true },
  ],
  ['a subscription names the account', { subscriptionAccounts: new Set(['AC2', 'AC1']) }],
  ['it was proven before, and a key never changes its account', { provenKey: KEY }],
])('a key is proven when %s', (_, by, key) => {
  expect(proven(by, key)).toBe(true)
})

it.each<[why: string, by: Partial<Evidence>, key?: string]>([
  ['sinks that nobody has recorded are seen through it', {}],
  ['the recorded ones are not seen through it', { recorded: [recorded('c')] }],
  [
    'only what was made through it is seen, and recorded sinks are missing',
    { recorded: [recorded('a', KEY), recorded('c')], contradicted: true },
  ],
  ['it shows nothing at all', { listedSids: new Set(), recorded: [recorded('a')] }],
  ['the subscriptions name another account', { subscriptionAccounts: new Set(['AC2']) }],
  ['another key was proven', { provenKey: OTHER }],
  ['it is the auth token of another account', {}, 'AC2'],
])('a key is not proven when %s', (_, by, key) => {
  expect(proven(by, key)).toBe(false)
})
