import { describe, expect, test } from 'vitest'
import { CommandError } from '../../../../src/commands/command-options.ts'
import { type Scope, resolveInstallation } from '../../../../src/commands/release/scope.ts'
import { TwilioAccount } from '../../../../src/api/twilio-account.ts'
import { KubernetesFailure } from '../../../../src/reconciler/ports.ts'
import { installationPart } from '../../../../src/external/ownership-mark.ts'

const SID = `AC${'1'.repeat(32)}`

const account = (
  name: string,
  installationId: string | undefined,
  { namespace = 'shop', accountSid = SID } = {},
) =>
  TwilioAccount.parse({
    metadata: {
      ...{ namespace, name, uid: name, resourceVersion: '1', generation: 1 },
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: { accountSid, credentialsSecretRef: { name: 'twilio' } },
    status: installationId === undefined ? {} : { installationId },
  })

const SILENT = [account('default', undefined)]
const NOTED = [account('default', 'bbbbbb')]
const SEVERAL = [...NOTED, account('second', 'cccccc')]
const MINE_AND_THEIRS = [account('default', 'cccccc', { namespace: 'another' }), ...NOTED]
const ELSEWHERE = [
  account('default', 'cccccc', { namespace: 'system' }),
  account('default', 'cccccc', { namespace: 'system-2' }),
]
const OF_ANOTHER_SID = [account('default', 'dddddd', { accountSid: `AC${'2'.repeat(32)}` })]

interface Known {
  readonly given?: string
  readonly accounts: readonly TwilioAccount[]
  readonly clusterId?: string
  readonly unreadable?: Scope['accounts']['unreadable']
  readonly allNamespaces?: boolean
}

async function installationOf(known: Known): Promise<string> {
  const { given, accounts, clusterId, unreadable = [], allNamespaces = false } = known
  const answer =
    clusterId === undefined
      ? Promise.reject(new KubernetesFailure('forbidden', 'may not read it'))
      : Promise.resolve(clusterId)
  const scope = { namespace: allNamespaces ? '' : 'shop', accounts: { objects: accounts, unreadable } }
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
    ['of two operators what the one of the namespace has noted', { accounts: MINE_AND_THEIRS }, 'bbbbbb'],
    [
      'what has been noted elsewhere when the namespace has nothing',
      { accounts: [...ELSEWHERE, ...SILENT] },
      'cccccc',
    ],
    ['else what an operator would choose', { accounts: SILENT, clusterId: 'uid' }, installationPart('uid')],
  ])('%s', async (_, known, expected) => {
    expect(await installationOf(known)).toBe(expected)
  })

  test.each<[why: string, Known]>([
    ['nobody says it and it cannot be found out', { accounts: SILENT }],
    ['the operator has never seen the account', { accounts: [] }],
    ['only another account has one', { accounts: OF_ANOTHER_SID }],
    ['several have noted theirs', { accounts: SEVERAL, clusterId: 'uid' }],
    ['nobody can tell whose of all namespaces it is', { accounts: MINE_AND_THEIRS, allNamespaces: true }],
  ])('is asked for when %s', async (_, known) => {
    const asked = installationOf(known)
    await expect(asked).rejects.toBeInstanceOf(CommandError)
    await expect(asked).rejects.toThrow('--installation-id')
  })
})
