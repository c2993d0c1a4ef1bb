import { expect, test } from 'vitest'
import { webhookForm } from '../../rigs/simulator/api-caller.ts'
import { ENDING } from './lifecycle-ending.ts'
import { beginLife, MARK, type Life } from './lifecycle-life.ts'
import { LIVING_STORIES } from './lifecycle-living.ts'
import { killedWhileCreating, refusedForAWhile, rightsComeAndGo } from './lifecycle-trouble.ts'
import { TWILIOS, type TwilioKind } from './lifecycle-twilios.ts'
import { giveAccount, setStage } from './stage.ts'

const FLAGS = { 'call-timeout': '1500ms', 'settle-time': '3s', 'log-level': 'debug' }

/** So many operators at once; more would only wait for each other. */
const AT_ONCE = 3
const turns = Array.from({ length: AT_ONCE }, () => Promise.resolve())

/** Each test waits until the one before it on the same track has ended. */
async function inTurn(index: number, work: () => Promise<void>): Promise<void> {
  const track = index % AT_ONCE
  const mine = (turns[track] ?? Promise.resolve()).then(work)
  turns[track] = mine.catch(() => undefined)
  await mine
}

test.concurrent.for(TWILIOS.map((twilio, index) => ({ ...twilio, index })))(
  'a Sink lives and ends as it is told at a Twilio $title',
  ({ index, ...twilio }) => inTurn(index, () => lifecycle(twilio)),
)

async function lifecycle(twilio: TwilioKind): Promise<void> {
  const stage = await setStage({ name: 'life', settings: twilio.settings, flags: FLAGS, account: false })
  try {
    const life = await beginLife(stage, twilio)
    await prepare(life)
    await Promise.all([...LIVING_STORIES, ...ENDING].map((story) => story(life)))
    await killedWhileCreating(life)
    await refusedForAWhile(life)
    await rightsComeAndGo(life)
    await expectNoneTwice(life)
  } finally {
    await stage.end()
  }
}

async function prepare({ stage, twilio, other }: Life): Promise<void> {
  const { admin } = stage.simulator
  if (twilio.denied.length > 0) await admin.changeCredential(stage.accountSid, { denied: [...twilio.denied] })
  // Only now: what a key may not read must never have been seen.
  await giveAccount(stage)
  for (let made = 0; made < twilio.crowd; made += 1) await other('POST', '/v1/Sinks', { form: webhookForm })
  const values = ['destination=https://u:w@secret.example.com/events', 'externalId=eid', 'writeKey=key']
  await stage.kubectl([
    'create',
    'secret',
    'generic',
    'values',
    ...values.map((one) => `--from-literal=${one}`),
  ])
}

/** Whatever happened: no object has two sinks with its mark. */
async function expectNoneTwice({ stage }: Life): Promise<void> {
  const marks = (await stage.simulator.admin.sinks())
    .map(({ description }) => MARK.exec(description)?.[0]?.replace(/\d+\]$/, ''))
    .filter((mark) => mark !== undefined)
  expect(new Set(marks).size).toBe(marks.length)
}
