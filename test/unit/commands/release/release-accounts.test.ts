import { describe, expect, test } from 'vitest'
import {
  isNeeded,
  plannedAccounts,
  releaseAccounts,
} from '../../../../src/commands/release/release-accounts.ts'
import { CREATE_ATTEMPT_ANNOTATION } from '../../../../src/api/group.ts'
import { Sink } from '../../../../src/api/sink.ts'
import { TwilioAccount } from '../../../../src/api/twilio-account.ts'
import type { LiveObjects } from '../../../../src/kubernetes/release-client.ts'
import type { ReleaseRow } from '../../../../src/commands/release/row.ts'
import { KubernetesFailure } from '../../../../src/reconciler/ports.ts'

const HERE = `AC${'1'.repeat(32)}`
const ELSEWHERE = `AC${'2'.repeat(32)}`

const metadata = { uid: 'u', resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' }

const account = (from: 'All' | 'Same') =>
  TwilioAccount.parse({
    metadata: { ...metadata, namespace: 'twilio-system', name: 'default' },
    spec: { accountSid: HERE, credentialsSecretRef: { name: 'twilio' }, allowedNamespaces: { from } },
    status: {},
  })

interface Uses {
  readonly accountRef?: { readonly namespace?: string; readonly name: string }
  readonly recorded?: string
  /** Where a create was sent whose end is not recorded. */
  readonly sentTo?: string
}

function sink({ accountRef, recorded, sentTo }: Uses): Sink {
  const journal = { uid: 'u', attempt: 1, accountSid: sentTo, key: HERE, times: ['2026-01-01T00:00:00Z'] }
  const annotations = sentTo === undefined ? {} : { [CREATE_ATTEMPT_ANNOTATION]: JSON.stringify(journal) }
  return Sink.parse({
    metadata: { ...metadata, namespace: 'shop', name: 'orders', annotations },
    spec: { description: 'Orders', webhook: { destination: 'https://a.example.com' }, accountRef },
    status: recorded === undefined ? {} : { accountSid: recorded },
  })
}

describe('an account stays for a Sink', () => {
  test.each<[string, Uses, boolean]>([
    ['that names it', { accountRef: { namespace: 'twilio-system', name: 'default' } }, true],
    ['whose sink is in it', { recorded: HERE }, true],
    ['of which nobody knows whether its create has made a sink there', { sentTo: HERE }, true],
    ['that names none and was not sent anywhere, since it may be the default', {}, true],
  ])('%s', (_, uses, needed) => {
    expect(isNeeded(account('All'), [sink(uses)], [account('All')])).toBe(needed)
  })

  test.each<[string, Uses, 'All' | 'Same']>([
    ['that names another', { accountRef: { name: 'other' } }, 'All'],
    ['whose sink is elsewhere', { recorded: ELSEWHERE }, 'All'],
    ['whose create was sent elsewhere', { sentTo: ELSEWHERE }, 'All'],
    ['of another namespace that may not use it', {}, 'Same'],
  ])('but not for one %s', (_, uses, from) => {
    expect(isNeeded(account(from), [sink(uses)], [account(from)])).toBe(false)
  })

  const own = (accountSid: string) =>
    TwilioAccount.parse({
      metadata: { ...metadata, namespace: 'shop', name: 'default' },
      spec: { accountSid, credentialsSecretRef: { name: 'twilio' } },
      status: {},
    })
  test.each<[string, Uses, accountSid: string, boolean]>([
    ['has recorded its sink there, and its own account is the same', { recorded: HERE }, HERE, false],
    ['has no sink yet', {}, ELSEWHERE, false],
    [
      'has its sink in this one, and its own is another: nobody else can delete it',
      { recorded: HERE },
      ELSEWHERE,
      true,
    ],
    [
      'has sent a create whose end is not known: its key may be the only witness',
      { sentTo: HERE },
      HERE,
      true,
    ],
  ])(
    'of a namespace with a TwilioAccount of its own, which %s: %j, %s: needed %j',
    (_, uses, sid, needed) => {
      const all = [account('All'), own(sid)]
      expect(isNeeded(account('All'), [sink(uses)], all)).toBe(needed)
    },
  )
})

const NONE = { objects: [], unreadable: [] }

/** No Sinks, and one account, of which `removal` tells how it goes. */
function releaseOf(removal: Partial<LiveObjects<TwilioAccount>>): Parameters<typeof releaseAccounts>[0] {
  const unwanted = () => Promise.reject(new Error('nobody asks for this'))
  const none = { list: () => Promise.resolve(NONE), read: unwanted, patch: unwanted, remove: unwanted }
  const one = account('All')
  return {
    client: {
      sinks: none,
      accounts: { ...none, read: () => Promise.resolve(one), ...removal },
      ...{ secret: unwanted, clusterId: unwanted, close: unwanted },
    },
    scope: { namespace: '', sinks: NONE, accounts: { ...NONE, objects: [one] } },
  }
}

describe('the plan', () => {
  const planned = (sinks: readonly Sink[], rows: readonly ReleaseRow[]) => {
    const release = releaseOf({})
    const list = () => Promise.resolve({ ...NONE, objects: sinks })
    const client = { ...release.client, sinks: { ...release.client.sinks, list } }
    return plannedAccounts({ ...release, client }, rows)
  }
  const row = { object: 'shop/orders', sid: '-', outcome: '' }

  test('lists the account, which goes when all Sinks that need it go', async () => {
    expect(await planned([sink({ recorded: HERE })], [{ ...row, released: true }])).toEqual([
      expect.objectContaining({ object: 'twilio-system/default (TwilioAccount)', released: true }),
    ])
    const [going] = await planned([sink({ recorded: HERE })], [{ ...row, released: true }])
    expect(going?.outcome).toMatch(/^to be removed/u)
  })

  test('says that the account stays for a Sink that stays', async () => {
    const [staying] = await planned([sink({ recorded: HERE })], [{ ...row, released: false }])
    expect(staying?.outcome).toMatch(/^the object stays/u)
    const [other] = await planned([sink({ recorded: HERE })], [])
    expect(other?.outcome).toMatch(/^the object stays/u)
  })
})

describe('an account that does not go', () => {
  test('is a row, so that the table of what was done is printed all the same', async () => {
    const forbidden = new KubernetesFailure('forbidden', 'may not delete it')
    const rows = await releaseAccounts(releaseOf({ remove: () => Promise.reject(forbidden) }))
    expect(rows).toMatchObject([{ released: false, outcome: 'NOT RELEASED: may not delete it' }])
  })

  test('since nobody sees whether Sinks need it is a row, too', async () => {
    const release = releaseOf({ read: () => Promise.reject(new Error('nothing is removed')) })
    const list = () => Promise.reject(new KubernetesFailure('unavailable', 'no answer'))
    const client = { ...release.client, sinks: { ...release.client.sinks, list } }
    const rows = await releaseAccounts({ ...release, client })
    expect(rows).toMatchObject([{ released: false, object: expect.stringContaining('default') }])
    expect(rows[0]?.outcome).toContain('no answer')
  })

  test('since it cannot be read is a row, too', async () => {
    const release = releaseOf({ read: () => Promise.resolve(undefined) })
    const unreadable = [{ key: 'shop/odd', problem: 'spec.imports: wrong', partial: account('All') }]
    const rows = await releaseAccounts({
      ...release,
      scope: { ...release.scope, accounts: { objects: [], unreadable } },
    })
    expect(rows).toMatchObject([{ released: false, object: 'shop/odd (TwilioAccount)' }])
    expect(rows[0]?.outcome).toContain('spec.imports')
  })

  test('since others hold it is not called removed', async () => {
    const held = {
      ...account('All'),
      metadata: { ...account('All').metadata, finalizers: ['example.com/theirs'] },
    }
    const rows = await releaseAccounts(releaseOf({ remove: () => Promise.resolve(held) }))
    expect(rows).toMatchObject([{ released: false }])
    expect(rows[0]?.outcome).toContain('example.com/theirs')
  })
})
