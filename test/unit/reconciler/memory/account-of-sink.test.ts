import { describe, expect, it } from 'vitest'
import type { LabelSelector } from '../../../../src/api/reference.ts'
import { parseTwilioAccount, type TwilioAccount } from '../../../../src/api/twilio-account.ts'
import { isAllowed, mayImport, selects } from '../../../../src/reconciler/memory/account-of-sink.ts'

/** An account in the namespace `ops`, as the API server stores it; `spec` beside what every account needs. */
function account(spec: object = {}): TwilioAccount {
  const metadata = {
    name: 'shared',
    namespace: 'ops',
    uid: 'uid',
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: '2026-11-24T11:00:00Z',
  }
  const needed = { accountSid: `AC${'1'.repeat(32)}`, credentialsSecretRef: { name: 'twilio' } }
  const read = parseTwilioAccount({ metadata, spec: { ...needed, ...spec }, status: {} })
  if (!read.readable) throw new Error(read.problem)
  return read.object
}

const labelled = (labels?: Readonly<Record<string, string>>) => ({ namespaceLabels: async () => labels })
const unasked = {
  namespaceLabels: async () => {
    throw new Error('Labels decide nothing here')
  },
}

describe('the credential of an account', () => {
  it('serves its own namespace', async () => {
    expect(await isAllowed(account(), 'ops', unasked)).toBe(true)
  })

  it.each([
    ['says nothing', {}],
    ['allows Same', { allowedNamespaces: { from: 'Same' } }],
    ['says only half', { allowedNamespaces: {} }],
  ])(
    'serves no other namespace when it %s, since whoever writes Sinks there could spend it',
    async (_, spec) => {
      expect(await isAllowed(account(spec), 'shop', unasked)).toBe(false)
    },
  )

  it('serves all namespaces when it says so', async () => {
    expect(await isAllowed(account({ allowedNamespaces: { from: 'All' } }), 'shop', unasked)).toBe(true)
  })

  it.each([
    ['that has the label', { team: 'shop' }, true],
    ['with another value', { team: 'other' }, false],
    ['without labels', {}, false],
    ['that does not exist', undefined, false],
  ])('serves by labels a namespace %s: $2', async (_, labels, allowed) => {
    const selector = { matchLabels: { team: 'shop' } }
    const shared = account({ allowedNamespaces: { from: 'Selector', selector } })
    expect(await isAllowed(shared, 'shop', labelled(labels))).toBe(allowed)
  })
})

describe('the sinks of an account', () => {
  it('are imported only into its own namespace unless it says more', () => {
    expect(mayImport(account(), 'ops')).toBe(true)
    expect(mayImport(account({ allowedNamespaces: { from: 'All' } }), 'shop')).toBe(false)
    expect(mayImport(account({ imports: 'Allowed' }), 'shop')).toBe(true)
  })
})

describe('a label selector', () => {
  const rows: readonly (readonly [LabelSelector, Readonly<Record<string, string>>, boolean])[] = [
    [{}, {}, true],
    [{ matchLabels: { a: '1', b: '2' } }, { a: '1' }, false],
    [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['1', '2'] }] }, { a: '2' }, true],
    [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['1'] }] }, {}, false],
    [{ matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['1'] }] }, {}, true],
    [{ matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['1'] }] }, { a: '1' }, false],
    [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }, { a: '' }, true],
    [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }, {}, false],
    [{ matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] }, { a: '' }, false],
    [{ matchLabels: { b: '1' }, matchExpressions: [{ key: 'a', operator: 'Exists' }] }, { a: '' }, false],
  ]
  /** What every object has without being given it. */
  it.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])(
    'with the key %s selects no namespace without such a label, or it would select every one',
    (key) => {
      expect(selects({ matchExpressions: [{ key, operator: 'Exists' }] }, {})).toBe(false)
      expect(selects({ matchExpressions: [{ key, operator: 'NotIn', values: ['a'] }] }, {})).toBe(true)
      expect(selects({ matchExpressions: [{ key, operator: 'DoesNotExist' }] }, {})).toBe(true)
      const labels = Object.fromEntries([[key, 'a']])
      expect(selects({ matchExpressions: [{ key, operator: 'In', values: ['a'] }] }, labels)).toBe(true)
    },
  )

  it.each(rows)('%j selects %j as Kubernetes does: %j', (selector, labels, selected) => {
    expect(selects(selector, labels)).toBe(selected)
  })
})
