import { expect, test } from 'vitest'
import { parseTwilioAccount } from '../../../src/api/twilio-account.ts'
import { accountManifest, stored } from './objects.ts'

function read(value: unknown) {
  const result = parseTwilioAccount(value)
  if (!result.readable) throw new Error(result.problem)
  return result.object
}

test('an account that says nothing is open to its own namespace only', () => {
  const { spec, status } = read(stored(accountManifest('a')))
  expect(spec).toMatchObject({ allowedNamespaces: { from: 'Same' }, imports: 'Same', otherInstallations: [] })
  expect(status).toEqual({ observedGeneration: -1, keys: [], conditions: [] })
})

test('a selector is read as written', () => {
  const selector = { matchLabels: { team: 'shop' }, matchExpressions: [{ key: 'x', operator: 'Exists' }] }
  const { spec } = read(stored(accountManifest('a', { allowedNamespaces: { from: 'Selector', selector } })))
  expect(spec.allowedNamespaces).toEqual({ from: 'Selector', selector })
})

test('an unreadable account names the field', () => {
  const result = parseTwilioAccount(stored(accountManifest('a', { imports: 'canary' })))
  expect(result).toMatchObject({ readable: false, partial: { metadata: { name: 'a' } } })
  expect(result.readable ? '' : result.problem).toMatch(/^spec\.imports: (?!.*canary)/)
})
