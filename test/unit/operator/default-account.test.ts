import { describe, expect, it } from 'vitest'
import type { AccountInstaller, Installed } from '../../../src/kubernetes/cluster.ts'
import { createLogger } from '../../../src/observability/logger.ts'
import { installDefaultAccount } from '../../../src/operator/start-up.ts'
import { OPERATOR_OPTIONS } from '../../../src/options/options.ts'
import { readOptions } from '../../../src/options/read-options.ts'
import type { ObjectEvent } from '../../../src/reconciler/ports.ts'
import { parseTwilioAccount } from '../../../src/api/twilio-account.ts'
import { accountObject } from '../reconciler/world.ts'

const SECRET = 'spec.credentialsSecretRef'
const SID = 'spec.accountSid'

/** What is logged, told and changed of an account that was there, as the chart starts the operator. */
async function started(installed: Installed, mayChange = true) {
  const flags = [
    '--namespace=operators',
    `--default-account-sid=AC${'1'.repeat(32)}`,
    '--default-account-secret=new',
  ]
  const read = readOptions(OPERATOR_OPTIONS, flags, {})
  if (read.ok !== true) throw new Error('wrong options')
  const [lines, events, changed]: [string[], ObjectEvent[], string[]] = [[], [], []]
  const accountInstaller: AccountInstaller = {
    install: async () => installed,
    change: async ({ spec }, field) => {
      changed.push(`${field}: ${JSON.stringify(spec[field])}`)
      return mayChange
    },
  }
  const accounts = { get: () => ({ ...parseTwilioAccount(accountObject()), key: 'operators/default' }) }
  const cluster = { accountInstaller, accounts, events: { emit: (event: ObjectEvent) => events.push(event) } }
  const log = createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } })
  await installDefaultAccount(cluster as never, read.options, log)
  return { changed, events, logged: lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
}

const exists = (...differs: readonly string[]): Installed => ({ outcome: 'exists', differs })

describe('the default account that is there before', () => {
  it('takes the Secret of another name into use, and nothing is warned of', async () => {
    const { changed, events, logged } = await started(exists(SECRET))
    expect(changed).toEqual(['credentialsSecretRef: {"name":"new"}'])
    expect(logged).toMatchObject([{ level: 'info', outcome: 'changed' }])
    expect(events).toEqual([])
  })

  it('is left as it is where somebody else has set its Secret: a warning and an event say so', async () => {
    const { events, logged } = await started(exists(SECRET), false)
    expect(logged).toMatchObject([{ outcome: 'exists' }, { level: 'warn', differs: [SECRET] }])
    expect(events).toMatchObject([
      { kind: 'TwilioAccount', type: 'Warning', reason: 'DefaultAccountDiffers' },
    ])
    expect(events[0]?.note).toContain(SECRET)
  })

  it('does not get the credentials of another account: the SID cannot be changed, and the event says so', async () => {
    const { changed, events, logged } = await started(exists(SID, SECRET))
    expect(changed).toEqual([])
    expect(logged).toMatchObject([{ outcome: 'exists' }, { level: 'warn', differs: [SID, SECRET] }])
    expect(events[0]?.note).toContain(`${SID} cannot be changed`)
  })

  it('tells of what else differs, also when its Secret has followed', async () => {
    const { changed, events, logged } = await started(exists(SECRET, 'spec.imports'))
    expect(changed).toHaveLength(1)
    expect(logged).toMatchObject([{ outcome: 'changed' }, { differs: ['spec.imports'] }])
    expect(events[0]?.note).not.toContain(SECRET)
  })

  it.each<[string, Installed]>([
    ['is as the options say', exists()],
    ['has just been made', { outcome: 'applied' }],
  ])('that %s is told of nowhere', async (_, installed) => {
    const { changed, events, logged } = await started(installed)
    expect([changed, events, logged.length]).toEqual([[], [], 1])
  })
})
