import { randomBytes } from 'node:crypto'
import twilio from 'twilio'
import { afterAll, beforeAll, describe, it } from 'vitest'
import {
  condition,
  ready,
  readyReason,
  setStage,
  sink,
  until,
  type SinkObject,
  type Stage,
} from '../stage.ts'
import { showAndMend, type Reason } from './reason.ts'

let stage: Stage
let other: string
beforeAll(async () => {
  stage = await setStage({ name: 'accounts', account: false })
  other = `${stage.namespace}-b`
  await stage.cluster.createNamespace(other)
  await stage.operator().stop()
  await stage.restart({
    'watch-namespaces': `${stage.namespace},${other}`,
    'default-account': `${other}/main`,
    'settle-time': '4s',
  })
  await makeAccount('main', other, { allowedNamespaces: { from: 'All' } })
})
afterAll(() => stage.end())

const TOKEN = 'canary-token'
const sids = new Map<string, string>()
const gone = (object: SinkObject | undefined): boolean => object === undefined
const accountReady = (object: SinkObject | undefined): boolean =>
  condition(object, 'Ready')?.status === 'True'
const patch = (kind: string, name: string, spec: unknown, more = ''): string =>
  `kubectl patch ${kind} ${name}${more} --type=merge -p '${JSON.stringify({ spec })}'`
const token = (name: string, value: string): string =>
  `kubectl patch secret ${name} --type=merge -p '{"stringData":{"TWILIO_AUTH_TOKEN":"${value}"}}'`

/** An account at Twilio, its Secret and its TwilioAccount, all of one name. */
async function makeAccount(
  name: string,
  namespace = stage.namespace,
  spec: object = {},
  secret: Record<string, string> = { TWILIO_AUTH_TOKEN: TOKEN },
): Promise<void> {
  const sid = `AC${randomBytes(16).toString('hex')}`
  sids.set(name, sid)
  await stage.simulator.admin.addAccount({ sid, authToken: TOKEN })
  await stage.kubectl([
    '-n',
    namespace,
    'create',
    'secret',
    'generic',
    name,
    ...Object.entries(secret).map(([key, value]) => `--from-literal=${key}=${value}`),
  ])
  await apply(namespace, 'TwilioAccount', name, { accountSid: sid, credentialsSecretRef: { name }, ...spec })
}

async function apply(namespace: string, kind: string, name: string, spec: object): Promise<void> {
  const object = { apiVersion: 'events.twilio.com/v1alpha1', kind, metadata: { name, namespace }, spec }
  const { stderr, code } = await stage.cluster.kubectl(['apply', '-f', '-'], JSON.stringify(object))
  if (code !== 0) throw new Error(stderr)
}

const sinkOf = (name: string, account: string, spec: object = {}) =>
  stage.apply(sink(name, { accountRef: { name: account }, ...spec }))
const library = (account: string) => {
  const client = twilio(sids.get(account) ?? '', TOKEN)
  client.events.baseUrl = stage.simulator.url
  return client.events.v1
}
const leaving = (name: string) => stage.kubectl(['delete', 'sink', name, '--wait=false'])

const REASONS: readonly Reason[] = [
  {
    type: 'Ready',
    reason: 'AccountNotReady',
    kind: 'sinks',
    name: 'early',
    when: 'The TwilioAccount is missing, does not allow the namespace, is being deleted, or its credentials are not accepted. The message says which.',
    mend: ['# kubectl apply -f account.yaml'],
    provoke: () => sinkOf('early', 'late'),
    mendElsewhere: () => makeAccount('late'),
  },
  {
    type: 'Ready',
    reason: 'ImportNotAllowed',
    kind: 'sinks',
    name: 'import-not-allowed',
    when: 'The account lets only Sinks of its own namespace import existing sinks (spec.imports).',
    mend: [patch('twilioaccount', 'main', { imports: 'Allowed' }, ' -n NAMESPACE-b')],
    provoke: async () => {
      const made = await library('main').sinks.create({
        description: 'by hand',
        sinkType: 'webhook',
        sinkConfiguration: {
          destination: 'https://import-not-allowed.example.com/events',
          method: 'POST',
          batch_events: false,
        },
      })
      await stage.apply(
        sink('import-not-allowed', {
          description: 'by hand',
          import: { sid: made.sid },
          deletionPolicy: 'Orphan',
        }),
      )
    },
  },
  {
    type: 'Ready',
    reason: 'SecretMissing',
    kind: 'twilioaccounts',
    name: 'no-secret',
    when: 'The Secret with the credentials does not exist.',
    mend: [`kubectl create secret generic no-secret --from-literal=TWILIO_AUTH_TOKEN=${TOKEN}`],
    provoke: async () => {
      await makeAccount('no-secret')
      await stage.kubectl(['delete', 'secret', 'no-secret'])
    },
    healed: accountReady,
  },
  {
    type: 'Ready',
    reason: 'SecretInvalid',
    kind: 'twilioaccounts',
    name: 'half-secret',
    when: 'The Secret does not hold the keys that a credential needs.',
    mend: [token('half-secret', TOKEN)],
    provoke: () => makeAccount('half-secret', stage.namespace, {}, { TWILIO_USER: 'x' }),
    healed: accountReady,
  },
  {
    type: 'Ready',
    reason: 'Unauthorized',
    kind: 'twilioaccounts',
    name: 'wrong-token',
    when: 'Twilio refuses the credentials (401).',
    mend: [token('wrong-token', TOKEN)],
    provoke: () => makeAccount('wrong-token', stage.namespace, {}, { TWILIO_AUTH_TOKEN: 'canary-wrong' }),
    healed: accountReady,
  },
  {
    type: 'Stalled',
    reason: 'Unauthorized',
    kind: 'twilioaccounts',
    name: 'wrong-token-too',
    when: 'As Ready Unauthorized: time alone will not help.',
    mend: [token('wrong-token-too', TOKEN)],
    provoke: () => makeAccount('wrong-token-too', stage.namespace, {}, { TWILIO_AUTH_TOKEN: 'canary-wrong' }),
    healed: accountReady,
  },
  {
    type: 'Ready',
    reason: 'Forbidden',
    kind: 'twilioaccounts',
    name: 'no-permission',
    when: 'The credentials may not read Sinks (403): a restricted key without the permission, or a suspended account.',
    mend: ['# in the Twilio Console: give the key the permission for Event Streams'],
    provoke: async () => {
      await makeAccount('no-permission')
      await stage.simulator.admin.changeCredential(sids.get('no-permission') ?? '', { denied: ['ListSink'] })
    },
    mendElsewhere: () =>
      stage.simulator.admin.changeCredential(sids.get('no-permission') ?? '', { denied: [] }),
    healed: accountReady,
  },
  {
    type: 'Ready',
    reason: 'Verified',
    kind: 'twilioaccounts',
    name: 'verified',
    when: 'Twilio accepts the credentials: all is well.',
    mend: ['# nothing to mend'],
    provoke: () => makeAccount('verified'),
    healed: accountReady,
  },
  {
    type: 'Ready',
    reason: 'AccountMismatch',
    kind: 'twilioaccounts',
    name: 'foreign-key',
    when: 'The credentials belong to another account than the one that the TwilioAccount pins.',
    mend: [
      `kubectl patch secret foreign-key --type=merge -p '{"data":null,"stringData":{"TWILIO_AUTH_TOKEN":"${TOKEN}"}}'`,
    ],
    provoke: async () => {
      await makeAccount('stranger')
      const key = `SK${randomBytes(16).toString('hex')}`
      await stage.simulator.admin.addCredential({
        username: key,
        password: 'canary-secret',
        account: sids.get('stranger') ?? '',
      })
      const made = await library('stranger').sinks.create({
        description: 'foreign',
        sinkType: 'webhook',
        sinkConfiguration: {
          destination: 'https://foreign.example.com',
          method: 'POST',
          batch_events: false,
        },
      })
      await library('stranger').subscriptions.create({
        description: 'foreign',
        sinkSid: made.sid,
        types: [{ type: 'com.twilio.messaging.message.sent' }],
      })
      await makeAccount(
        'foreign-key',
        stage.namespace,
        {},
        { TWILIO_API_KEY: key, TWILIO_API_SECRET: 'canary-secret' },
      )
    },
    healed: accountReady,
  },
  ...(['Ready', 'Reconciling'] as const).map((type): Reason => {
    const name = `in-doubt-${type.toLowerCase()}`
    return {
      type,
      reason: 'CreateOutcomeUnknown',
      kind: 'sinks',
      name,
      when: 'Twilio did not answer the create. Whether a sink came of it shows when the settle time has passed; until then nothing is created.',
      mend: ['# nothing to mend: it goes on by itself'],
      provoke: async () => {
        await makeAccount(name)
        await ready2(name)
        await stage.simulator.admin.addFault({
          kind: 'hang',
          times: 1,
          match: { operation: 'CreateSink', account: sids.get(name) ?? '' },
        })
        await sinkOf(name, name)
      },
    }
  }),
  {
    type: 'DeletionBlocked',
    reason: 'CreateOutcomeUnknown',
    kind: 'sinks',
    name: 'leaving-in-doubt',
    when: 'The object is to be deleted while it is not known whether its last create made a sink.',
    mend: ['# nothing to mend: it goes on by itself when the settle time has passed'],
    provoke: async () => {
      await makeAccount('doubtful')
      await ready2('doubtful')
      await stage.simulator.admin.addFault({
        kind: 'hang',
        times: 1,
        match: { operation: 'CreateSink', account: sids.get('doubtful') ?? '' },
      })
      await sinkOf('leaving-in-doubt', 'doubtful')
      await readyReason(stage, 'leaving-in-doubt', 'CreateOutcomeUnknown')
      await leaving('leaving-in-doubt')
    },
    healed: gone,
  },
  ...(['Ready', 'Reconciling'] as const).map((type): Reason => {
    const name = `leaving-${type.toLowerCase()}`
    return {
      type,
      reason: 'Deleting',
      kind: 'sinks',
      name,
      when: 'The object is being deleted; it goes when its sink is proven gone. A quick deletion does not show this.',
      mend: ['# nothing to mend: it goes on by itself'],
      provoke: async () => {
        await makeAccount(name)
        await sinkOf(name, name)
        const sid = (await ready(stage, name)).status.sid ?? ''
        await stage.simulator.admin.addFault({
          kind: 'latency',
          ms: 300,
          match: { operation: 'FetchSink', sid },
        })
        await stage.simulator.admin.deleteSink(sid)
        await leaving(name)
      },
      healed: gone,
    }
  }),
  {
    type: 'DeletionBlocked',
    reason: 'AccountMissing',
    kind: 'sinks',
    name: 'disowned',
    when: 'The TwilioAccount is gone, or does not allow the namespace any more, so that the sink cannot be deleted.',
    mend: [patch('twilioaccount', 'shared', { allowedNamespaces: { from: 'All' } }, ' -n NAMESPACE-b')],
    provoke: async () => {
      await makeAccount('shared', other, { allowedNamespaces: { from: 'All' } })
      await stage.apply(sink('disowned', { accountRef: { name: 'shared', namespace: other } }))
      await ready(stage, 'disowned')
      await stage.kubectl([
        '-n',
        other,
        'patch',
        'twilioaccount',
        'shared',
        '--type=merge',
        '-p',
        '{"spec":{"allowedNamespaces":{"from":"Same"}}}',
      ])
      await leaving('disowned')
    },
    healed: gone,
  },
  {
    type: 'DeletionBlocked',
    reason: 'CredentialsRefused',
    kind: 'sinks',
    name: 'revoked',
    when: 'Twilio does not accept the credentials of the account, so that the sink cannot be deleted.',
    mend: [token('revoked', 'canary-next')],
    provoke: async () => {
      await makeAccount('revoked')
      await sinkOf('revoked', 'revoked')
      await ready(stage, 'revoked')
      await stage.simulator.admin.changeCredential(sids.get('revoked') ?? '', { password: 'canary-next' })
      await readyReason(stage, 'revoked', 'AccountNotReady')
      await leaving('revoked')
    },
    healed: gone,
  },
  ...(['Ready', 'DeletionBlocked'] as const).map((type): Reason => {
    const name = `moved-${type === 'Ready' ? 'living' : 'leaving'}`
    return {
      type,
      reason: 'AccountMismatch',
      kind: 'sinks',
      name,
      when: 'The sink is in another account than the one that the Sink now refers to, for example because a TwilioAccount `default` has appeared in its namespace.',
      mend: ['kubectl delete twilioaccount default --wait=false --ignore-not-found'],
      provoke: async () => {
        await stage.apply(sink(name))
        await ready(stage, name)
        if ((await stage.get('twilioaccounts', 'default')) === undefined) await makeAccount('default')
        if (type === 'DeletionBlocked') await leaving(name)
      },
      ...(type === 'DeletionBlocked' ? { healed: gone } : {}),
    }
  }),
]

const ready2 = (account: string) =>
  until(`account ${account} is Ready`, async () =>
    accountReady(await stage.get<SinkObject>('twilioaccounts', account)),
  )

/** Those that let a `default` appear change whom others refer to: one after the other, at the end. */
const isAlone = ({ name }: Reason): boolean => name.startsWith('moved-') || name === 'import-not-allowed'

describe.concurrent('each reason of an account', () => {
  it.each(REASONS.filter((one) => !isAlone(one)))(
    '$type $reason ($name) is explained on its page, and what the page says mends it',
    (one) => showAndMend(stage, one),
  )
})

describe('reasons that change the default account', () => {
  it.each(REASONS.filter(isAlone))(
    '$type $reason is explained on its page, and what the page says mends it',
    async (one) => {
      await showAndMend(stage, one)
      await until(
        'no default account',
        async () => (await stage.get('twilioaccounts', 'default')) === undefined,
      )
      await stage.kubectl(['delete', 'secret', 'default', '--ignore-not-found'])
    },
  )
})
