import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../../rigs/until.ts'
import { newRandomSid } from '../../../rigs/simulator/sids.ts'
import { NO_LONGER_HELD } from '../../../../src/reconciler/account/account-events.ts'
import { setAccountStage, TOKEN, type AccountStage } from './account-stage.ts'
import { titled } from './each-reason.ts'
import { isGone, type Reason } from './reason.ts'
import { eventOf, showAndFix } from './show-and-fix.ts'

let stage: AccountStage
beforeAll(async () => {
  stage = await setAccountStage()
})
afterAll(() => stage.end())

const putToken = (name: string): string =>
  `kubectl patch secret ${name} --type=merge -p '{"data":null,"stringData":{"TWILIO_AUTH_TOKEN":"YOUR_AUTH_TOKEN"}}'`
const release = (account: string): string =>
  `# NOW is the present time, as date -u +%Y-%m-%dT%H:%M:%SZ prints it
kubectl annotate twilioaccount ${account} --overwrite events.twilio.com/allow-mass-change=NOW`
const fillIn = async () => ({ YOUR_AUTH_TOKEN: TOKEN, NOW: await now() })

/** Whole seconds, as people write them: the hold began in an earlier one. */
async function now(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  return `${new Date().toISOString().slice(0, 19)}Z`
}

const REASONS: readonly Reason[] = [
  {
    kind: 'twilioaccounts',
    name: 'vanished',
    shows: { ChangesHeld: 'MassDisappearance' },
    when: 'At least 5 and at least 20 % of the recorded sinks are missing at the same time. Somebody deleted them, or Twilio does not show them. The operator does not guess which.',
    who: 'cluster',
    fix: release('vanished'),
    fillIn,
    provoke: () => loseSinks('vanished'),
  },
  {
    kind: 'twilioaccounts',
    name: 'unproven',
    shows: { ChangesHeld: 'UnprovenCredential' },
    when: 'The key in use does not show a recorded sink. It has never created or shown this sink, and nothing shows that it belongs to the same account as the key that has. It may belong to another account.',
    who: 'cluster',
    fix: putToken('unproven'),
    fillIn,
    provoke: async () => {
      await stage.account('unproven')
      await stage.readySinkOf('unproven')
      await stage.account('lender')
      await putKey('unproven', await keyOf('lender'))
    },
  },
  {
    kind: 'twilioaccounts',
    name: 'second',
    shows: { ChangesHeld: 'SeenInAnotherAccount' },
    when: 'Another TwilioAccount with another account SID shows the same sinks, and came first or is known to be right. So this one seems to have the wrong credentials. Only this one holds changes. The log of the operator names both.',
    who: 'cluster',
    fix: putToken('second'),
    fillIn,
    provoke: async () => {
      await stage.account('first')
      await stage.readySinkOf('first')
      await stage.account('second', { secret: await keyOf('first') })
    },
  },
  {
    kind: 'sinks',
    name: 'held-back',
    shows: { Ready: 'ChangesHeld', Stalled: 'ChangesHeld' },
    when: 'The TwilioAccount holds changes, and Twilio does not show the sink of this object. The operator does not create it.',
    who: 'cluster',
    fix: release('holding'),
    fillIn,
    provoke: async () => {
      await loseSinks('holding')
      await stage.sinkOf('holding', 'held-back')
    },
  },
  {
    kind: 'sinks',
    name: 'keeping-1',
    shows: { DeletionBlocked: 'ChangesHeld' },
    when: 'The TwilioAccount holds changes. The operator does not delete the sink, and the object stays.',
    who: 'cluster',
    fix: release('keeping'),
    fillIn,
    provoke: async () => {
      await loseSinks('keeping')
      await stage.startDeleting('keeping-1')
    },
    healed: isGone,
  },
]

/** Five sinks of an account, all deleted at Twilio. */
async function loseSinks(account: string): Promise<void> {
  await stage.account(account)
  const names = [1, 2, 3, 4, 5].map((n) => `${account}-${n}`)
  const sinks = await Promise.all(names.map((name) => stage.readySinkOf(account, name)))
  // A LIST may lag behind what has just been made: for a settle time and two call timeouts it is not missed, and of what is
  // missed one after the other some may be proven gone before five are.
  await new Promise((resolve) => setTimeout(resolve, 15_000))
  for (const { status } of sinks) await stage.simulator.admin.deleteSink(status.sid ?? '')
  await until(`${account} holds`, async () => {
    const { status } = (await stage.get('twilioaccounts', account)) ?? {}
    return status?.conditions?.some(({ type }) => type === 'ChangesHeld')
  })
}

async function keyOf(account: string): Promise<Record<string, string>> {
  const username = newRandomSid('SK')
  await stage.simulator.admin.addCredential({ username, password: TOKEN, account: stage.sidOf(account) })
  return { TWILIO_API_KEY: username, TWILIO_API_SECRET: TOKEN }
}

const putKey = (name: string, stringData: Readonly<Record<string, string>>) =>
  stage.kubectl(['patch', 'secret', name, '--type=merge', '-p', JSON.stringify({ data: null, stringData })])

describe.concurrent('changes that are held', () => {
  it.each(titled(REASONS))(
    '$shown is explained in its section, and what the section says fixes it',
    ({ reason }) => showAndFix(stage, reason),
  )
})

it('tells when they are held no longer', async () => {
  expect(await eventOf(stage, 'TwilioAccount', 'vanished', 'ChangesReleased')).toBe(NO_LONGER_HELD)
})
