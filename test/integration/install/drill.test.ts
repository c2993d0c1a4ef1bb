import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHART } from '../chart/chart.ts'
import { isReady } from '../../rigs/sink-object.ts'
import { BY_HAND, makeByHand } from '../in-out/by-hand.ts'
import { startCommand } from '../in-out/command.ts'
import { NO_WRITES, sinksAtTwilio, countWrites, type Counter } from '../in-out/counts.ts'
import { personIn, seeAgain, webhook, type Person } from './people.ts'
import { createOwnNamespace, valuesFor } from './release.ts'
import { openSite, type Site } from './site.ts'
import { siteMissing } from './site-or-skip.ts'

const OWN = 'twilio-system'
const SHOP = 'shop'

/** A team moves in with what it has made by hand, lives there, loses its operator, gets it back, and moves out. */
describe.skipIf(siteMissing !== undefined)('the drill, counted at Twilio after each step', () => {
  let site: Site
  let person: Person
  let writes: Counter
  let before: Awaited<ReturnType<typeof sinksAtTwilio>>
  let names: readonly string[]

  beforeAll(async () => {
    site = await openSite()
    person = personIn(site, SHOP)
    const { simulator, key } = site
    await makeByHand({ accountSid: key.sid, token: key.secret, simulator }, BY_HAND)
    before = await sinksAtTwilio(site)
    writes = await countWrites(site)
  })
  afterAll(() => site?.end())

  const install = () =>
    site.helm(
      ['install', 'operator', CHART, '--namespace', OWN, '--wait', '--timeout', '180s'],
      valuesFor(site),
    )

  /** A sub-command of the operator; rejects when it fails. */
  async function command(...argv: readonly string[]): Promise<void> {
    const { accountSid, key, simulator } = site
    const env = {
      TWILIO_ACCOUNT_SID: accountSid,
      TWILIO_API_KEY: key.sid,
      TWILIO_API_SECRET: key.secret,
      TWILIO_BASE_URL: simulator.url,
    }
    const { code, stderr } = await startCommand(argv, env).ended
    expect(code, stderr).toBe(0)
  }

  test('import: every sink gets its object, and nothing changes', async () => {
    const folder = join(site.cluster.folder, 'exported')
    await command('export', '--namespace', SHOP, '--output', folder)
    await createOwnNamespace(site, OWN)
    await install()
    await site.kubectl(['create', 'namespace', SHOP])
    await person.secret('twilio', site.key.secret)
    await site.kubectl(['apply', '--server-side', '-f', folder])
    const listed = await site.kubectl([
      '-n',
      SHOP,
      'get',
      'sinks',
      '-o',
      'jsonpath={.items[*].metadata.name}',
    ])
    names = listed.split(' ')
    expect(names).toHaveLength(BY_HAND.length)
    for (const name of names) await person.see('is imported', 'Sink', name, isReady)
    expect(await writes.next()).toEqual(NO_WRITES)
    expect(await sinksAtTwilio(site)).toEqual(before)
  })

  test('run: a new Sink is one create', async () => {
    await person.apply('Sink', 'fresh', webhook('fresh'))
    await person.see('is ready', 'Sink', 'fresh', isReady)
    expect(await writes.next()).toEqual({ ...NO_WRITES, creates: 1 })
  })

  test('uninstall: nothing', async () => {
    await site.helm(['uninstall', 'operator', '--namespace', OWN, '--wait'])
    await expect.poll(() => site.pods().some((pod) => pod.isRunning()), { timeout: 60_000 }).toBe(false)
    expect(await writes.next()).toEqual(NO_WRITES)
  })

  test('install again: nothing', async () => {
    await install()
    for (const name of [...names, 'fresh']) await seeAgain(person, name)
    expect(await writes.next()).toEqual(NO_WRITES)
  })

  test('release: the mark of the sink that was made goes, and nothing else', async () => {
    await command('release', '--namespace', SHOP, '--kubeconfig', site.cluster.kubeconfigPath, '--yes')
    expect(await writes.next()).toEqual({ ...NO_WRITES, updates: 1 })
    const { description } = webhook('fresh')
    const left = await sinksAtTwilio(site)
    expect(left.slice(0, -1)).toEqual(before)
    expect(left.at(-1)).toMatchObject({ description, status: 'active' })
    expect(await site.kubectl(['-n', SHOP, 'get', 'sinks,twilioaccounts', '-o', 'name'])).toBe('')
  })
})
