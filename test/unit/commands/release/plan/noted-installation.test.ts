import { expect, test } from 'vitest'
import { TwilioAccount } from '../../../../../src/api/twilio-account.ts'
import { notedInstallations } from '../../../../../src/commands/release/plan/noted-installation.ts'

const SID = `AC${'1'.repeat(32)}`

const account = (namespace: string, installationId: string | undefined, accountSid = SID) =>
  TwilioAccount.parse({
    metadata: {
      ...{ namespace, name: 'default', uid: namespace, resourceVersion: '1', generation: 1 },
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: { accountSid, credentialsSecretRef: { name: 'twilio' } },
    status: installationId === undefined ? {} : { installationId },
  })

const noted = (accounts: readonly TwilioAccount[], scope = 'shop') =>
  notedInstallations(accounts, SID, ({ metadata }) => scope === '' || metadata.namespace === scope)

test('of two operators that use one account the one of the namespace counts, wherever it stands in the list', () => {
  const [mine, theirs] = [account('shop', 'aaaaaa'), account('another', 'bbbbbb')]
  expect(noted([theirs, mine])).toEqual(['aaaaaa'])
  expect(noted([theirs, mine], ''), 'nobody can tell').toEqual(['bbbbbb', 'aaaaaa'])
})

test('an account of elsewhere tells it when none of the namespace does', () => {
  const others = [account('system', 'cccccc'), account('system-2', 'cccccc'), account('shop', undefined)]
  expect(noted(others)).toEqual(['cccccc'])
  expect(noted([account('shop', 'dddddd', `AC${'2'.repeat(32)}`)])).toEqual([])
})
