import { describe, expect, test } from 'vitest'
import { CommandError } from '../../../../src/commands/command-options.ts'
import type { Scope } from '../../../../src/commands/release/scope.ts'
import { resolveInstallation } from '../../../../src/commands/release/installation.ts'
import { TwilioAccount } from '../../../../src/api/twilio-account.ts'
import { KubernetesFailure } from '../../../../src/reconciler/ports.ts'
import { installationPart } from '../../../../src/external/ownership-mark.ts'

const SID = `AC${'1'.repeat(32)}`

const account = (name: string, installationId: string | undefined) =>
  TwilioAccount.parse({
    metadata: {
      ...{ namespace: 'shop', name, uid: name, resourceVersion: '1', generation: 1 },
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: { accountSid: SID, credentialsSecretRef: { name: 'twilio' } },
    status: installationId === undefined ? {} : { installationId },
  })

const SILENT = [account('default', undefined)]
const NOTED = [account('default', 'bbbbbb')]
const SEVERAL = [...NOTED, account('second', 'cccccc')]

interface Known {
  readonly given?: string
  readonly accounts: readonly TwilioAccount[]
  readonly clusterId?: string
  readonly unreadable?: Scope['unreadableAccounts']
}

async function installationOf({ given, accounts, clusterId, unreadable = [] }: Known): Promise<string> {
  const answer =
    clusterId === undefined
      ? Promise.reject(new KubernetesFailure('forbidden', 'may not read it'))
      : Promise.resolve(clusterId)
  const scope = { accounts, unreadableAccounts: unreadable, isInScope: () => true }
  return (await resolveInstallation(given, { clusterId: () => answer }, scope))(SID)
}

describe('what stands in the marks', () => {
  test.each<[why: string, Known, expected: string]>([
    [
      'is what a person says, whatever was noted',
      { given: 'x', accounts: SEVERAL, clusterId: 'uid' },
      installationPart('x'),
    ],
    ['else what the operator has noted', { accounts: NOTED, clusterId: 'uid' }, 'bbbbbb'],
    [
      'also in an account that cannot be read as a whole',
      { accounts: [], unreadable: [{ key: 'shop/odd', problem: '', partial: NOTED[0] }], clusterId: 'uid' },
      'bbbbbb',
    ],
    ['else what an operator would choose', { accounts: SILENT, clusterId: 'uid' }, installationPart('uid')],
  ])('%s', async (_, known, expected) => {
    expect(await installationOf(known)).toBe(expected)
  })

  test.each<[why: string, Known]>([
    ['nobody says it and it cannot be found out', { accounts: SILENT }],
    ['the operator has never seen the account', { accounts: [] }],
    ['several have noted theirs', { accounts: SEVERAL, clusterId: 'uid' }],
  ])('is asked for when %s', async (_, known) => {
    const asked = installationOf(known)
    await expect(asked).rejects.toBeInstanceOf(CommandError)
    await expect(asked).rejects.toThrow('--installation-id')
  })
})
