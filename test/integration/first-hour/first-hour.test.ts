import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { countWrites, NO_WRITES } from '../in-out/counts.ts'
import { blocksOf } from '../install/pages.ts'
import { siteMissing } from '../install/site-or-skip.ts'
import { openHour, hourTable, type Hour, type HourStep } from './hour.ts'
import {
  accountSays,
  clearAway,
  areGone,
  makeInConsole,
  putSecret,
  areReady,
  sinksSay,
  sinkIn,
  withKey,
  withToken,
  type OpenAccount,
  type Owner,
} from './people.ts'
import type { HourSample } from './truths.ts'

/**
 * What people do in their first hour, with the values that nobody has changed: each step has the seconds that it may
 * take. The commands are those of the pages, and the objects are the samples.
 */
const KINDS: readonly { readonly kind: string; readonly open: OpenAccount }[] = [
  { kind: 'API key', open: withKey },
  { kind: 'auth token', open: withToken },
]

const PAGE = await blocksOf('docs/getting-started.md')
const textsOf = (step: number, language: string): string[] =>
  PAGE.filter((block) => block.section.startsWith(`${step}. `) && block.language === language).map(
    ({ text }) => text,
  )
/** Step 1 builds the image, which a Pod here has already. */
const COMMANDS = [2, 3, 4, 5, 6, 7].map((step) => textsOf(step, 'sh'))
const [
  [installing = '', checking = ''] = [],
  [creating = ''] = [],
  [changing = ''] = [],
  [failing = '', fixing = ''] = [],
  [deleting = ''] = [],
  [removing = ''] = [],
] = COMMANDS
const shownIn = (step: number): string => textsOf(step, '').join('\n')
const columnsOf = (text: string): string[] => /^NAME .*/mu.exec(text)?.[0].trim().split(/ {2,}/u) ?? []

const RENAME = (await blocksOf('docs/rename.md')).map(({ text }) => text)
const UNINSTALL = 'helm uninstall twilio-sink-operator --namespace twilio-system --wait'
const SAMPLES = 'docs/samples'
const WEBHOOK = `kubectl apply -f ${SAMPLES}/webhook.yaml`

let hour: Hour
beforeAll(async () => {
  if (siteMissing === undefined) hour = await openHour()
})
afterAll(async () => {
  if (hour === undefined) return
  console.log(hourTable(hour.rows))
  await hour.end()
})

/** The commands of the page, for who has the other kind of credential. */
const installFor = (owner: Owner): string =>
  'TWILIO_AUTH_TOKEN' in owner.credential()
    ? installing.replace(
        /--from-literal=TWILIO_API_KEY=\S+ --from-literal=TWILIO_API_SECRET=\S+/u,
        '--from-literal=TWILIO_AUTH_TOKEN="$TWILIO_AUTH_TOKEN"',
      )
    : installing
const helmInstall = (commands: string): string => /^helm install[^]*/mu.exec(commands)?.[0] ?? ''
const patch = (name: string, spec: object): string =>
  `kubectl -n shop patch sink ${name} --type=merge -p '${JSON.stringify({ spec })}'`

test('no command of the page is left out', () => {
  expect(COMMANDS.map((commands) => commands.length)).toEqual([2, 1, 1, 2, 1, 1])
})

describe.skipIf(siteMissing !== undefined).each(KINDS)('the first hour with an $kind', ({ kind, open }) => {
  let owner: Owner
  let own: Owner
  beforeAll(async () => {
    owner = await open(hour)
    own = await open(hour)
    Object.assign(hour.env, { TWILIO_ACCOUNT_SID: owner.accountSid }, owner.credential())
  })
  afterAll(() => hour.shell('kubectl delete namespace shop twilio-system --ignore-not-found --timeout=60s'))
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await clearAway(hour)
  })
  const step = (name: string, given: HourStep): Promise<string> => hour.step(kind, name, given)
  const textAtTwilio = (world: HourSample, name: string): string =>
    world.external.find(({ sid }) => sid === sinkIn(world, name)?.status.sid)?.description ?? ''
  const sinks = async () =>
    (await hour.watcher.look()).external.filter(({ account }) => account === owner.accountSid)

  test('install, by the page', async () => {
    await step('install', { within: 120, does: installFor(owner), inRoomTime: true })
    await hour.watcher.follow('twilio-system')
    const printed = await step('the account is verified', {
      within: 20,
      does: checking,
      until: accountSays('Verified', 'twilio-system/default'),
    })
    expect(columnsOf(printed)).toEqual(columnsOf(shownIn(2)))
  })

  test('the first Sink is Ready', async () => {
    await hour.shell(`kubectl apply -f ${SAMPLES}/namespace.yaml`)
    await hour.watcher.follow('shop')
    const printed = await step('apply the first Sink, and wait', { within: 10, does: creating })
    expect(columnsOf(printed)).toEqual(columnsOf(shownIn(3)))
    expect(await sinks()).toHaveLength(1)
  })

  test('a change of the page is at Twilio', async () => {
    await step('change its description', {
      within: 10,
      does: changing,
      until: (world) => textAtTwilio(world, 'orders').startsWith('Orders for the new warehouse'),
    })
  })

  test('an error says what is wrong, and what the page does about it helps', async () => {
    const printed = await step('apply what needs a Secret, by the page', { within: 10, does: failing })
    expect(printed).toContain(shownIn(5))
    expect(await sinks()).toHaveLength(1)
    await step('create the Secret', { within: 25, does: fixing, says: 'shop/returns' })
    expect(await sinks()).toHaveLength(2)
  })

  test('what is deleted is gone as fast', async () => {
    await step('delete both Sinks', { within: 10, does: deleting })
    expect(await sinks()).toEqual([])
  })

  test('a Sink that is deleted and applied again is there at once', async () => {
    await hour.shell(WEBHOOK)
    await step('apply it again', { within: 10, until: areReady('orders') })
    const again = `kubectl -n shop delete sink orders && ${WEBHOOK}`
    await step('delete and apply again', { within: 15, does: again, until: areReady('orders') })
    expect(await sinks()).toHaveLength(1)
  })

  test('Secrets may come after the Sinks that need them', async () => {
    const names = ['call-log', 'marketing']
    const does = `kubectl apply -f ${SAMPLES}/kinesis.yaml -f ${SAMPLES}/segment.yaml`
    await step('apply what needs a Secret', { within: 10, does, until: sinksSay('SecretMissing', ...names) })
    await step('its Secret comes', {
      within: 25,
      does: `kubectl apply -f ${SAMPLES}/secret.example.yaml`,
      until: areReady(...names),
      says: 'shop/call-log',
    })
  })

  test('an edit is at Twilio at once', async () => {
    await step('edit a description', {
      within: 10,
      does: patch('orders', { description: 'Orders, edited' }),
      until: (world) =>
        textAtTwilio(world, 'orders').startsWith('Orders, edited') && areReady('orders')(world),
    })
  })

  test('while nothing happens nothing is written', async () => {
    const writes = await countWrites(hour.site)
    const before = await hour.watcher.look()
    await step('wait for more than a poll', {
      within: 400,
      does: () => hour.clock.turn(330),
      inRoomTime: true,
    })
    const after = await hour.watcher.look()
    expect(writtenIn(after)).toEqual(writtenIn(before))
    expect(await writes.next()).toEqual(NO_WRITES)
  })

  test('a key that is rotated is used for the next thing', async () => {
    await owner.rotate()
    await putSecret(hour, 'twilio-system/twilio', owner.credential())
    await step('rotate the credential, and edit', {
      within: 15,
      does: patch('orders', { description: 'Orders, rotated' }),
      until: (world) =>
        textAtTwilio(world, 'orders').startsWith('Orders, rotated') && areReady('orders')(world),
    })
  })

  test('a wrong credential is told of, and forgotten when it is right again', async () => {
    const { TWILIO_API_KEY: key, ...secret } = owner.credential()
    const wrong = Object.fromEntries(Object.keys(secret).map((name) => [name, 'guessed']))
    await putSecret(
      hour,
      'twilio-system/twilio',
      key === undefined ? wrong : { TWILIO_API_KEY: key, ...wrong },
    )
    await step('a wrong credential is seen', {
      within: 330,
      until: (world) =>
        accountSays('Unauthorized', 'twilio-system/default')(world) &&
        sinksSay('AccountNotReady', 'orders')(world),
    })
    await putSecret(hour, 'twilio-system/twilio', owner.credential())
    await step('the right one again', {
      within: 25,
      until: (world) =>
        accountSays('Verified', 'twilio-system/default')(world) &&
        areReady('orders', 'call-log', 'marketing')(world),
      says: 'shop/orders',
    })
  })

  test('a suspended Sink is left alone, and goes on', async () => {
    const writes = await countWrites(hour.site)
    await step('suspend', {
      within: 10,
      does: patch('orders', { suspend: true, description: 'Orders, resumed' }),
      until: (world) =>
        sinkIn(world, 'orders')?.status.observedGeneration === sinkIn(world, 'orders')?.metadata.generation,
    })
    expect(await writes.next()).toEqual(NO_WRITES)
    await step('resume', {
      within: 10,
      does: patch('orders', { suspend: false }),
      until: (world) =>
        textAtTwilio(world, 'orders').startsWith('Orders, resumed') && areReady('orders')(world),
    })
  })

  test('a Secret that is not there is told of, though the sink goes on', async () => {
    const named = (name: string) => patch('call-log', { kinesis: { externalIdSecretRef: { name } } })
    await step('name a Secret that is not there', {
      within: 10,
      does: named('nothere'),
      until: sinksSay('SecretMissing', 'call-log'),
    })
    await step('name the right one again', {
      within: 10,
      does: named('sink-values'),
      until: areReady('call-log'),
    })
    await hour.shell('kubectl -n shop delete secret sink-values')
    await step('a Secret goes while nobody asks', {
      within: 330,
      until: sinksSay('SecretMissing', 'call-log', 'marketing'),
    })
    await step('it is there again', {
      within: 25,
      does: `kubectl apply -f ${SAMPLES}/secret.example.yaml`,
      until: areReady('call-log', 'marketing'),
      says: 'shop/marketing',
    })
  })

  test('Orphan leaves the sink at Twilio', async () => {
    const before = (await sinks()).length
    const does = `${patch('marketing', { deletionPolicy: 'Orphan' })} && kubectl -n shop delete sink marketing`
    await step('orphan', { within: 10, does, until: areGone('marketing') })
    expect(await sinks()).toHaveLength(before)
  })

  test('uninstalled and installed again it goes on, and deletes what was deleted meanwhile', async () => {
    const writes = await countWrites(hour.site)
    await step('uninstall', { within: 120, does: UNINSTALL, inRoomTime: true })
    await hour.shell('kubectl -n shop delete sink call-log --wait=false')
    await step('install again', { within: 120, does: helmInstall(installFor(owner)), inRoomTime: true })
    await step('it acts', { within: 25, until: areGone('call-log') })
    expect(await writes.next()).toEqual({ ...NO_WRITES, deletes: 1 })
  })

  test('an account of one’s own waits for its Secret', async () => {
    await step('delete a Sink', { within: 10, does: 'kubectl -n shop delete sink orders' })
    // Another account may not know of what the first has deleted: a name is free there a settle time later.
    await hour.clock.turn(65)
    const sample = await readFile(`${SAMPLES}/account.yaml`, 'utf8')
    const account = sample.replace(/AC0{32}/u, own.accountSid)
    // The Secret of the samples holds no key of anybody.
    await step('apply an account and a Sink', {
      within: 10,
      does: `kubectl apply -f - <<'END'\n${account}\nEND\n${WEBHOOK}`,
      until: (world) =>
        accountSays('SecretInvalid', 'shop/default')(world) && sinksSay('AccountNotReady', 'orders')(world),
    })
    await putSecret(hour, 'shop/twilio', own.credential())
    await step('its credential comes', {
      within: 25,
      until: (world) => accountSays('Verified', 'shop/default')(world) && areReady('orders')(world),
      says: 'shop/orders',
    })
  })

  test('an account that is deleted and applied again is used, and what it was before is not told', async () => {
    const account = (await hour.watcher.look()).accounts.get('shop/default')
    const sink = (await readFile(`${SAMPLES}/webhook.yaml`, 'utf8')) + '  accountRef:\n    name: default\n'
    const apply = (text: string): string => `kubectl apply -f - <<'END'\n${text}\nEND\n`
    await step('delete Sink and account', {
      within: 15,
      does: 'kubectl -n shop delete sink orders && kubectl -n shop delete twilioaccount default',
    })
    await step('apply the Sink first', {
      within: 10,
      does: apply(sink),
      until: sinksSay('AccountNotReady', 'orders'),
    })
    const again = {
      apiVersion: 'events.twilio.com/v1alpha1',
      kind: 'TwilioAccount',
      metadata: { name: 'default', namespace: 'shop' },
      spec: account?.spec,
    }
    await step('then the account', {
      within: 75,
      does: apply(JSON.stringify(again)),
      until: areReady('orders'),
      says: 'shop/orders',
    })
  })

  test('a sink that was made by hand is imported', async () => {
    const sid = await makeInConsole(hour, own, 'https://legacy.example.com/twilio')
    const sample = (await readFile(`${SAMPLES}/import.yaml`, 'utf8')).replace(/DG0+1/u, sid)
    await step('import', {
      within: 10,
      does: `kubectl apply -f - <<'END'\n${sample}\nEND\n`,
      until: areReady('legacy'),
    })
    expect(sinkIn(await hour.watcher.look(), 'legacy')?.status.sid).toBe(sid)
  })

  test('a Sink is renamed by the commands of the page', async () => {
    await step('delete a Sink', { within: 10, does: 'kubectl -n shop delete sink orders' })
    const spec =
      '{description: Orders for the warehouse, webhook: {destination: "https://warehouse.example.com/twilio"}}'
    const object = `{apiVersion: events.twilio.com/v1alpha1, kind: Sink, metadata: {name: orders, namespace: shop}, spec: ${spec}}`
    await step('apply one of that name', {
      within: 15,
      does: `kubectl apply -f - <<'END'\n${object}\nEND\n`,
      until: areReady('orders'),
      says: 'shop/orders',
    })
    const sid = sinkIn(await hour.watcher.look(), 'orders')?.status.sid
    await step('rename', { within: 15, does: RENAME.join('\n'), until: areReady('purchases') })
    expect(sinkIn(await hour.watcher.look(), 'purchases')?.status.sid).toBe(sid)
  })

  test('everything is removed, by the page', async () => {
    const [ofSinks = '', ofAccounts = '', ...ofOperator] = removing.split('\n')
    await step('delete all Sinks', { within: 15, does: ofSinks })
    await step('delete all accounts', { within: 15, does: ofAccounts })
    await step('remove the operator', { within: 120, does: ofOperator.join('\n'), inRoomTime: true })
    const left = await hour.watcher.look()
    expect([...left.sinks.values(), ...left.accounts.values()]).toEqual([])
    const mine = [owner.accountSid, own.accountSid]
    const there = left.external.filter(({ account }) => mine.includes(account))
    expect(there.map(({ description }) => description.split(' [')[0]).sort()).toEqual([
      'Made by hand in the Console',
      'Message events for marketing',
    ])
  })

  test('nothing was said that was not so', () => {
    expect(hour.watcher.judged()).toBeGreaterThan(0)
    expect(hour.watcher.lies()).toEqual([])
  })
})

/** A poll may count sinks anew in the status of an account; all else stays. */
const writtenIn = ({ sinks, accounts }: HourSample): [string, unknown][] => [
  ...[...sinks].map(([key, { metadata }]): [string, unknown] => [key, metadata.resourceVersion]),
  ...[...accounts].map(([key, { status }]): [string, unknown] => [key, status.conditions]),
]
