import { afterAll, beforeAll, describe, it } from 'vitest'
import { until } from '../../../rigs/until.ts'
import { ready, readyReason, sink } from '../stage.ts'
import { setAccountStage, type AccountStage } from './account-stage.ts'
import { titled } from './each-reason.ts'
import { isGone, ITSELF, type Reason } from './reason.ts'
import { showAndFix } from './show-and-fix.ts'

let stage: AccountStage
beforeAll(async () => {
  stage = await setAccountStage()
})
afterAll(() => stage.end())

const patchShared = (spec: object): string =>
  `kubectl patch twilioaccount shared -n shop-b --type=merge -p '${JSON.stringify({ spec })}'`
const DOUBT =
  'Twilio did not answer the create. When the settle time has passed, the operator knows whether the create made a sink. Until then it creates nothing.'

const REASONS: readonly Reason[] = [
  {
    kind: 'sinks',
    name: 'early',
    shows: { Ready: 'AccountNotReady' },
    when: 'The TwilioAccount is missing, does not allow the namespace, is being deleted, or its credentials are not accepted. The message says which.',
    who: 'cluster',
    fix: `kubectl create secret generic twilio --from-literal=TWILIO_AUTH_TOKEN=YOUR_AUTH_TOKEN
kubectl apply -f - <<EOF
apiVersion: events.twilio.com/v1alpha1
kind: TwilioAccount
metadata: {name: late}
spec: {accountSid: YOUR_ACCOUNT_SID, credentialsSecretRef: {name: twilio}}
EOF`,
    fillIn: async () => ({ YOUR_AUTH_TOKEN: stage.token, YOUR_ACCOUNT_SID: stage.accountSid }),
    provoke: () => stage.sinkOf('late', 'early'),
  },
  {
    kind: 'sinks',
    name: 'import-not-allowed',
    shows: { Ready: 'ImportNotAllowed' },
    when: 'The TwilioAccount lets only Sinks of its own namespace import existing sinks (`spec.imports`). Imports also wait while the operator cannot read a namespace that it is to watch: a Sink there may have the sink already.',
    who: 'cluster',
    fix: 'kubectl patch twilioaccount main -n shop-b --type=merge -p \'{"spec":{"imports":"Allowed"}}\'',
    provoke: async () => {
      const destination = 'https://import-not-allowed.example.com/events'
      const { sid } = await stage.library('main').sinks.create({
        description: 'by hand',
        sinkType: 'webhook',
        sinkConfiguration: { destination, method: 'POST', batch_events: false },
      })
      const accountRef = { name: 'main', namespace: stage.other }
      const spec = { description: 'by hand', import: { sid }, deletionPolicy: 'Orphan', accountRef }
      await stage.apply(sink('import-not-allowed', spec))
    },
  },
  {
    kind: 'sinks',
    name: 'in-doubt',
    shows: { Ready: 'CreateOutcomeUnknown', Reconciling: 'CreateOutcomeUnknown' },
    when: DOUBT,
    who: 'nobody',
    fix: ITSELF,
    provoke: () => stage.doubtfulSink('in-doubt'),
  },
  {
    kind: 'sinks',
    name: 'leaving-in-doubt',
    shows: { DeletionBlocked: 'CreateOutcomeUnknown' },
    when: 'The object is being deleted, and the operator does not know yet whether its last create made a sink.',
    who: 'nobody',
    fix: ITSELF,
    provoke: async () => {
      await stage.doubtfulSink('doubtful', 'leaving-in-doubt')
      await stage.startDeleting('leaving-in-doubt')
    },
    healed: isGone,
  },
  {
    kind: 'sinks',
    name: 'disowned',
    shows: { DeletionBlocked: 'AccountMissing' },
    when: 'The TwilioAccount is gone or no longer allows the namespace, so the operator cannot delete the sink.',
    who: 'cluster',
    fix: patchShared({ allowedNamespaces: { from: 'All' } }),
    provoke: async () => {
      await stage.account('shared', {
        namespace: stage.other,
        spec: { allowedNamespaces: { from: 'All' } },
      })
      await stage.apply(sink('disowned', { accountRef: { name: 'shared', namespace: stage.other } }))
      await ready(stage, 'disowned')
      const spec = { allowedNamespaces: { from: 'Same' } }
      const change = ['--type=merge', '-p', JSON.stringify({ spec })]
      await stage.kubectl(['patch', 'twilioaccount', 'shared', '-n', stage.other, ...change])
      await readyReason(stage, 'disowned', 'AccountNotReady')
      await stage.startDeleting('disowned')
    },
    healed: isGone,
  },
  {
    kind: 'sinks',
    name: 'revoked',
    shows: { DeletionBlocked: 'CredentialsRefused' },
    when: 'The operator has no valid credentials of the account, so it cannot delete the sink: Twilio refuses them, or their Secret is missing or lacks a key. The message says which.',
    who: 'cluster',
    fix: `kubectl patch secret revoked --type=merge -p '{"stringData":{"TWILIO_AUTH_TOKEN":"YOUR_AUTH_TOKEN"}}'`,
    fillIn: async () => ({ YOUR_AUTH_TOKEN: 'canary-next' }),
    provoke: async () => {
      await stage.account('revoked')
      await stage.readySinkOf('revoked')
      await stage.simulator.admin.changeCredential(stage.sidOf('revoked'), { password: 'canary-next' })
      await readyReason(stage, 'revoked', 'AccountNotReady')
      await stage.startDeleting('revoked')
    },
    healed: isGone,
  },
]

/** That an account `default` appears changes which account all others refer to. */
const MOVED: readonly Reason[] = (['Ready', 'DeletionBlocked'] as const).map((type) => {
  const leaves = type === 'DeletionBlocked'
  const name = leaves ? 'moved-leaving' : 'moved'
  return {
    kind: 'sinks',
    name,
    shows: { [type]: 'AccountMismatch' },
    when: 'The sink is in another account than the one that the Sink now refers to, for example because a TwilioAccount `default` has appeared in its namespace.',
    who: 'cluster',
    fix: 'kubectl delete twilioaccount default --wait=false',
    provoke: async () => {
      await stage.apply(sink(name))
      await ready(stage, name)
      await stage.account('default')
      await readyReason(stage, name, 'AccountMismatch')
      if (leaves) await stage.startDeleting(name)
    },
    ...(leaves ? { healed: isGone } : {}),
  }
})

describe.concurrent('what a Sink has of its account', () => {
  it.each(titled(REASONS))(
    '$shown is explained in its section, and what the section says fixes it',
    ({ reason }) => showAndFix(stage, reason),
  )
})

describe('what a new default account does', () => {
  it.each(titled(MOVED))(
    '$shown is explained in its section, and what the section says fixes it',
    async ({ reason }) => {
      await showAndFix(stage, reason)
      await until('no default account', async () => !(await stage.get('twilioaccounts', 'default')))
    },
  )
})
