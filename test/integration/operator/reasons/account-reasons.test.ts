import { afterAll, beforeAll, describe, it } from 'vitest'
import { newRandomSid } from '../../../rigs/simulator/sids.ts'
import { setAccountStage, TOKEN, type AccountStage } from './account-stage.ts'
import { titled } from './each-reason.ts'
import { sink } from '../stage.ts'
import { ALL_IS_WELL, isGone, type Reason } from './reason.ts'
import { showAndFix } from './show-and-fix.ts'

let stage: AccountStage
beforeAll(async () => {
  stage = await setAccountStage()
})
afterAll(() => stage.end())

const putToken = (name: string): string =>
  `kubectl patch secret ${name} --type=merge -p '{"stringData":{"TWILIO_AUTH_TOKEN":"YOUR_AUTH_TOKEN"}}'`
const fillIn = async () => ({ YOUR_AUTH_TOKEN: TOKEN })
const deny = (denied: string[]) =>
  stage.simulator.admin.changeCredential(stage.sidOf('no-permission'), { denied })

const REASONS: readonly Reason[] = [
  {
    kind: 'twilioaccounts',
    name: 'verified',
    shows: { Ready: 'Verified' },
    when: 'Twilio accepts the credentials.',
    who: 'nobody',
    fix: ALL_IS_WELL,
    provoke: () => stage.account('verified'),
  },
  {
    kind: 'twilioaccounts',
    name: 'no-secret',
    shows: { Ready: 'SecretMissing', Reconciling: 'DependencyNotReady' },
    when: 'The Secret with the credentials does not exist, or the operator may not read it.',
    who: 'cluster',
    fix: 'kubectl create secret generic no-secret --from-literal=TWILIO_AUTH_TOKEN=YOUR_AUTH_TOKEN',
    fillIn,
    provoke: async () => {
      await stage.account('no-secret')
      await stage.kubectl(['delete', 'secret', 'no-secret'])
    },
  },
  {
    kind: 'twilioaccounts',
    name: 'half-secret',
    shows: { Ready: 'SecretInvalid', Stalled: 'SecretInvalid' },
    when: 'The Secret lacks the keys of a credential: `TWILIO_AUTH_TOKEN`, or `TWILIO_API_KEY` and `TWILIO_API_SECRET`.',
    who: 'cluster',
    fix: putToken('half-secret'),
    fillIn,
    provoke: () => stage.account('half-secret', { secret: { TWILIO_USER: 'x' } }),
  },
  {
    kind: 'twilioaccounts',
    name: 'odd-account',
    shows: { Ready: 'InvalidValue', Stalled: 'InvalidValue' },
    when: 'This version of the operator cannot read the object, because of a newer CRD or a status that was edited by hand. The operator does nothing for its Sinks.',
    who: 'cluster',
    fix: `kubectl patch twilioaccount odd-account --subresource=status --type=merge -p '{"status":{"sinks":null}}'`,
    provoke: async () => {
      await stage.account('odd-account')
      await stage.accountReady('odd-account')
      await editStatus('odd-account', `{"sinks":{"total":${TOO_LARGE}}}`)
    },
  },
  {
    kind: 'twilioaccounts',
    name: 'wrong-token',
    shows: { Ready: 'Unauthorized', Stalled: 'Unauthorized' },
    when: 'Twilio refuses the credentials (401).',
    who: 'cluster',
    fix: putToken('wrong-token'),
    fillIn,
    provoke: () => stage.account('wrong-token', { secret: { TWILIO_AUTH_TOKEN: 'c'.repeat(32) } }),
  },
  {
    kind: 'twilioaccounts',
    name: 'no-permission',
    shows: { Ready: 'Forbidden', Stalled: 'Forbidden' },
    when: 'Twilio does not let the credentials read sinks (403): a restricted key without the permission, or a suspended account.',
    who: 'twilio',
    fix: '# in the Twilio Console: give the key the permission for Event Streams',
    provoke: async () => {
      await stage.account('no-permission')
      await deny(['ListSink'])
    },
    elsewhere: () => deny([]),
  },
  {
    kind: 'twilioaccounts',
    name: 'foreign-key',
    shows: { Ready: 'AccountMismatch', Stalled: 'AccountMismatch' },
    when: 'The credentials belong to another account than the one of `spec.accountSid`.',
    who: 'cluster',
    fix: `kubectl patch secret foreign-key --type=merge -p '{"data":null,"stringData":{"TWILIO_AUTH_TOKEN":"YOUR_AUTH_TOKEN"}}'`,
    fillIn,
    provoke: useKeyOfAStranger,
  },
  {
    kind: 'twilioaccounts',
    name: 'in-use',
    shows: { DeletionBlocked: 'AccountInUse' },
    when: 'The object is being deleted, and Sinks still use it, or a create through it has no known result yet. Without the TwilioAccount none of them can be deleted.',
    who: 'cluster',
    fix: 'kubectl delete sink in-use',
    provoke: async () => {
      await stage.account('in-use')
      await stage.readySinkOf('in-use')
      await stage.kubectl(['delete', 'twilioaccount', 'in-use', '--wait=false'])
    },
    healed: isGone,
  },
  {
    kind: 'twilioaccounts',
    name: 'left-over',
    shows: { SinksUnowned: 'ObjectGone' },
    when: 'Sinks in the account carry the mark of this installation, and no Sink object has them: their objects were deleted with `deletionPolicy: Orphan`, or lost their finalizer. The operator does not touch them. `status.sinks.unowned` counts them, and `twilio_external_sinks` with `ownership="unowned_marked"`.',
    who: 'cluster',
    fix: `kubectl apply -f - <<EOF
${JSON.stringify(sink('left-over', { accountRef: { name: 'left-over' } }))}
EOF`,
    provoke: async () => {
      await stage.account('left-over')
      await stage.readySinkOf('left-over')
      await stage.kubectl([
        'patch',
        'sink',
        'left-over',
        '--type=merge',
        '-p',
        '{"spec":{"deletionPolicy":"Orphan"}}',
      ])
      await stage.kubectl(['delete', 'sink', 'left-over'])
    },
  },
]

/** The API server takes it; a number here cannot hold it. */
const TOO_LARGE = '9007199254740993'

const editStatus = (name: string, status: string) =>
  stage.kubectl([
    ...['patch', 'twilioaccount', name, '--subresource=status', '--type=merge'],
    ...['-p', `{"status":${status}}`],
  ])

/** A key of another account, where a subscription tells whose it is. */
async function useKeyOfAStranger(): Promise<void> {
  await stage.account('stranger')
  const username = newRandomSid('SK')
  const account = stage.sidOf('stranger')
  await stage.simulator.admin.addCredential({ username, password: 'canary-secret', account })
  const { sinks, subscriptions } = stage.library('stranger')
  const { sid } = await sinks.create({
    description: 'foreign',
    sinkType: 'webhook',
    sinkConfiguration: { destination: 'https://foreign.example.com', method: 'POST', batch_events: false },
  })
  const types = [{ type: 'com.twilio.messaging.message.sent' }]
  await subscriptions.create({ description: 'foreign', sinkSid: sid, types })
  // Two accounts that show the same sink would both hold changes: another condition.
  await stage.kubectl(['delete', 'twilioaccount', 'stranger'])
  const secret = { TWILIO_API_KEY: username, TWILIO_API_SECRET: 'canary-secret' }
  await stage.account('foreign-key', { secret })
}

describe.concurrent('what is wrong with a TwilioAccount', () => {
  it.each(titled(REASONS))(
    '$shown is explained in its section, and what the section says fixes it',
    ({ reason }) => showAndFix(stage, reason),
  )
})
