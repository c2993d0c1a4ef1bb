import { afterAll, beforeAll, expect, it } from 'vitest'
import { condition } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { ready } from '../operator/stage.ts'
import { keyDigest } from '../../../src/external/key-digest.ts'
import { setHoldsStage, wait, type HoldsStage } from './holds-stage.ts'

/** Milliseconds. */
const POLL = 2_000
let stage: HoldsStage
beforeAll(async () => {
  stage = await setHoldsStage('credentials', {
    'poll-interval': `${POLL}ms`,
    'call-timeout': '5s',
    'settle-time': '10s',
  })
})
afterAll(() => stage.end())

const callsSince = async (sequence: number) => stage.simulator.admin.journal(sequence)
const position = async () => (await stage.simulator.admin.journal()).at(-1)?.sequence ?? 0

/** Versions of the Sinks of an account: every write of any of them shows. */
async function versionsOf(account: string): Promise<string[]> {
  const template = 'jsonpath={range .items[*]}{.metadata.name}={.metadata.resourceVersion} {end}'
  const versions = await stage.kubectl(['get', 'sinks', '-o', template])
  return versions.split(' ').filter((version) => version.startsWith(`${account}-`))
}

const eventsOf = async (account: string, reason: string) => {
  const about = `involvedObject.kind=TwilioAccount,involvedObject.name=${account},reason=${reason}`
  const notes = await stage.kubectl([
    'get',
    'events',
    '--field-selector',
    about,
    '-o',
    'jsonpath={range .items[*]}{.message}{"\\n"}{end}',
  ])
  return notes.split('\n').filter((note) => note !== '')
}

it('cost one failing call per interval, not one per Sink, and one event, when they are revoked', async () => {
  const account = await stage.accountAtTwilio()
  const key = await stage.keyOf(account)
  await stage.account('revoked', account, key)
  await stage.sinks('revoked', 100)
  await stage.simulator.admin.revokeCredential(key['TWILIO_API_KEY'] ?? '')
  await until('the account says so', async () => {
    const ready = condition(await stage.get('twilioaccounts', 'revoked'), 'Ready')
    return ready?.reason === 'Unauthorized'
  })
  await wait(1_000)
  const begin = await position()
  const calls = await until('six calls that are refused', async () => {
    // One that is refused has no account; all others are read without fail.
    const refused = (await callsSince(begin)).filter(({ account: of }) => of === null)
    return refused.length >= 6 && refused
  })
  const took = (calls.at(-1)?.startedAt ?? 0) - (calls[0]?.startedAt ?? 0)
  // A poll may come a tenth early, and one that was late may be followed by one in time.
  expect(took).toBeGreaterThanOrEqual((calls.length - 2) * 0.9 * POLL)
  await until('the event', async () => (await eventsOf('revoked', 'CredentialsRefused')).length > 0)
  expect(await eventsOf('revoked', 'CredentialsRefused')).toHaveLength(1)

  await stage.putKeys('revoked', await stage.keyOf(account))
  await Promise.all(['revoked-1', 'revoked-50', 'revoked-100'].map((name) => ready(stage, name)))
  await stage.held('revoked', undefined)
  expect(await stage.atTwilio(account)).toHaveLength(100)
})

it('change without a write to any Sink while both are valid', async () => {
  const account = await stage.accountAtTwilio()
  const first = await stage.keyOf(account)
  await stage.account('rotated', account, first)
  await stage.sinks('rotated', 6)
  const before = await versionsOf('rotated')
  const second = await stage.keyOf(account)
  await stage.putKeys('rotated', second)
  await until('the new key is in use and proven', async () => {
    const { status } = await stage.held('rotated', undefined)
    return status.keys.some(({ digest }) => digest === keyDigest(second['TWILIO_API_KEY'] ?? ''))
  })
  await stage.simulator.admin.revokeCredential(first['TWILIO_API_KEY'] ?? '')
  await wait(2 * POLL)
  expect(await versionsOf('rotated')).toEqual(before)
})

it('go to the new one with the first call after a 401', async () => {
  const seldom = await setHoldsStage('rotation', {
    'poll-interval': '300s',
    'settling-poll-interval': '5s',
    'call-timeout': '5s',
    'settle-time': '10s',
  })
  try {
    const account = await seldom.accountAtTwilio()
    const first = await seldom.keyOf(account)
    await seldom.account('main', account, first)
    const [made] = await seldom.sinks('main', 1)
    const second = await seldom.keyOf(account)
    await seldom.putKeys('main', second)
    await seldom.simulator.admin.revokeCredential(first['TWILIO_API_KEY'] ?? '')
    const begin = (await seldom.simulator.admin.journal()).at(-1)?.sequence ?? 0
    const spec = { description: 'Edited' }
    await seldom.kubectl(['patch', 'sink', 'main-1', '--type=merge', '-p', JSON.stringify({ spec })])
    await until('the edit is at Twilio', async () =>
      (await seldom.atTwilio(account)).some(({ description }) => description.startsWith('Edited [k8s:')),
    )
    const [refused, ...others] = await seldom.simulator.admin.journal(begin)
    expect([refused?.operation, refused?.account]).toEqual(['FetchSink', null])
    expect(new Set(others.map(({ credential }) => credential))).toEqual(new Set([second['TWILIO_API_KEY']]))
    const after = await ready(seldom, 'main-1')
    expect(after.status.sid).toBe(made?.status.sid)
  } finally {
    await seldom.end()
  }
})
