import twilio from 'twilio'
import { isReady, type SinkObject } from '../../../rigs/sink-object.ts'
import { until } from '../../../rigs/until.ts'
import { newRandomSid } from '../../../rigs/simulator/sids.ts'
import { recorded } from '../../gitops/recorded.ts'
import { ready, readyReason, setStage, sink, type Stage } from '../stage.ts'

/** What the Secrets of these accounts hold. */
export const TOKEN = 'canary-token'

/** Two namespaces, whose default account is in the second, and as many accounts as a test wants. */
export interface AccountStage extends Stage {
  readonly other: string
  /** An account at Twilio, its Secret and its TwilioAccount, all of one name. */
  account(name: string, options?: AccountOptions): Promise<unknown>
  sidOf(account: string): string
  accountReady(name: string): Promise<unknown>
  /** Applies a Sink of the account of the same name. */
  sinkOf(account: string, name?: string): Promise<unknown>
  /** The same, and waits until it is Ready. */
  readySinkOf(account: string, name?: string): Promise<SinkObject>
  startDeleting(name: string): Promise<unknown>
  /** A create of this Sink that Twilio leaves unanswered. */
  doubtfulSink(account: string, name?: string): Promise<unknown>
  library(account: string): ReturnType<typeof twilio>['events']['v1']
}

export interface AccountOptions {
  readonly namespace?: string
  readonly spec?: object
  readonly secret?: Readonly<Record<string, string>>
}

export async function setAccountStage(): Promise<AccountStage> {
  const whole = await setStage({ name: 'accounts', account: false })
  const { namespace, cluster } = whole
  const other = `${namespace}-b`
  await cluster.createNamespace(other)
  const stage = await recorded(whole, [namespace, other])
  await stage.operator().stop()
  await stage.restart({
    'watch-namespaces': `${stage.namespace},${other}`,
    'default-account': `${other}/main`,
    // A machine with other work on it answers late, and a create without an answer is what one of the tests is about: it
    // shows until the settle time has passed, which must leave the time to look.
    'call-timeout': '2s',
    'settle-time': '10s',
  })
  const all = accountsOf(stage, other)
  await all.account('main', { namespace: other, spec: { allowedNamespaces: { from: 'All' } } })
  return { ...stage, ...all, other }
}

function accountsOf(stage: Stage, other: string): Omit<AccountStage, keyof Stage> {
  const sids = new Map<string, string>()
  const sidOf = (account: string): string => sids.get(account) ?? ''
  const account = async (name: string, options: AccountOptions = {}): Promise<void> => {
    const sid = newRandomSid('AC')
    sids.set(name, sid)
    await stage.simulator.admin.addAccount({ sid, authToken: TOKEN })
    await applyAccount(stage, name, sid, options)
  }
  const accountReady = (name: string) =>
    until(`account ${name} is Ready`, async () => {
      const account = await stage.get('twilioaccounts', name)
      return account !== undefined && isReady(account)
    })
  const sinkOf = (name: string, called = name) => stage.apply(sink(called, { accountRef: { name } }))
  return {
    other,
    account,
    sidOf,
    accountReady,
    sinkOf,
    readySinkOf: async (name, called = name) => {
      await sinkOf(name, called)
      return ready(stage, called)
    },
    startDeleting: (name) => stage.kubectl(['delete', 'sink', name, '--wait=false']),
    doubtfulSink: async (name, called = name) => {
      await account(name)
      await accountReady(name)
      const match = { operation: 'CreateSink', account: sidOf(name) }
      await stage.simulator.admin.addFault({ kind: 'hang', times: 1, match })
      await sinkOf(name, called)
      await readyReason(stage, called, 'CreateOutcomeUnknown')
    },
    library: (name) => {
      const client = twilio(sidOf(name), TOKEN)
      client.events.baseUrl = stage.simulator.url
      return client.events.v1
    },
  }
}

async function applyAccount(
  stage: Stage,
  name: string,
  accountSid: string,
  { namespace = stage.namespace, spec = {}, secret = { TWILIO_AUTH_TOKEN: TOKEN } }: AccountOptions,
): Promise<void> {
  const object = {
    apiVersion: 'events.twilio.com/v1alpha1',
    kind: 'TwilioAccount',
    metadata: { name, namespace },
    spec: { accountSid, credentialsSecretRef: { name }, ...spec },
  }
  const values = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData: secret }
  for (const one of [values, object]) {
    const { stderr, code } = await stage.cluster.kubectl(['apply', '-f', '-'], JSON.stringify(one))
    if (code !== 0) throw new Error(stderr)
  }
}
