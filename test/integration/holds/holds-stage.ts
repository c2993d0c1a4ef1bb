import { condition, type SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { hex, newRandomSid } from '../../rigs/simulator/sids.ts'
import { FINALIZER } from '../../../src/api/group.ts'
import type { TwilioAccount } from '../../../src/api/twilio-account.ts'
import type { SinkView } from '../../rigs/simulator/sink-administration.ts'
import { setStage, sink, type Stage } from '../operator/stage.ts'

/** What a Secret of a TwilioAccount holds. */
export type Keys = Readonly<Record<string, string>>

/** Accounts at Twilio with API keys of their own, and what a person does about them. */
export interface HoldsStage extends Stage {
  /** An account at Twilio; resolves to its SID. */
  accountAtTwilio(): Promise<string>
  /** A new API key of an account at Twilio. */
  keyOf(accountSid: string): Promise<Keys>
  /** Secret and TwilioAccount of one name. */
  account(name: string, accountSid: string, keys: Keys, spec?: object): Promise<void>
  putKeys(name: string, keys: Keys): Promise<unknown>
  /** Waits until the account holds changes for this reason; undefined: until it holds none. */
  held(name: string, reason: string | undefined): Promise<AccountObject>
  /** Sinks `<prefix>1` to `<prefix><count>` of an account, all Ready, and no longer new. */
  sinks(account: string, count: number, prefix?: string): Promise<SinkObject[]>
  /** `events.twilio.com/allow-mass-change`. */
  allow(account: string, value: string): Promise<unknown>
  atTwilio(accountSid: string): Promise<SinkView[]>
  /** POSTs of sinks to Twilio so far. */
  creates(): Promise<number>
}

export interface AccountObject extends SinkObject {
  readonly status: SinkObject['status'] & Pick<TwilioAccount['status'], 'held' | 'keys'>
}

/** Longer than the settle time, two call timeouts and a poll of the scaled times: what would go wrong has gone wrong. */
const LONG_ENOUGH = 6_500
/** Longer than the settle time and two call timeouts: a LIST may lag behind what was made a moment ago. */
const NO_LONGER_NEW = 4_500
export const wait = (ms = LONG_ENOUGH) => new Promise<void>((resolve) => setTimeout(resolve, ms))

export const now = (): string => `${new Date().toISOString().slice(0, 19)}Z`

export async function setHoldsStage(
  name: string,
  flags: Readonly<Record<string, string>> = {},
): Promise<HoldsStage> {
  const stage = await setStage({ name, account: false, flags })
  const { admin } = stage.simulator
  const putKeys = (account: string, stringData: Keys) =>
    stage.kubectl([
      'patch',
      'secret',
      account,
      '--type=merge',
      '-p',
      JSON.stringify({ data: null, stringData }),
    ])
  return {
    ...stage,
    accountAtTwilio: async () => {
      const sid = newRandomSid('AC')
      await admin.addAccount({ sid, authToken: `token-${hex(16)}` })
      return sid
    },
    keyOf: async (account) => {
      const key = { TWILIO_API_KEY: newRandomSid('SK'), TWILIO_API_SECRET: `secret-${hex(16)}` }
      await admin.addCredential({ username: key.TWILIO_API_KEY, password: key.TWILIO_API_SECRET, account })
      return key
    },
    account: async (account, accountSid, stringData, spec = {}) => {
      const metadata = { name: account }
      await stage.apply({ apiVersion: 'v1', kind: 'Secret', metadata, stringData })
      await stage.apply({
        apiVersion: 'events.twilio.com/v1alpha1',
        kind: 'TwilioAccount',
        metadata,
        spec: { accountSid, credentialsSecretRef: { name: account }, ...spec },
      })
    },
    putKeys,
    held: (account, reason) =>
      until(`${account} holds changes: ${reason ?? 'not'}`, async () => {
        const object = await stage.get<AccountObject>('twilioaccounts', account)
        return condition(object, 'ChangesHeld')?.reason === reason && object
      }),
    sinks: async (account, count, prefix = `${account}-`) => {
      const names = Array.from({ length: count }, (_, n) => `${prefix}${n + 1}`)
      await stage.apply({
        apiVersion: 'v1',
        kind: 'List',
        items: names.map((called) => sink(called, { accountRef: { name: account } })),
      })
      const made = await allReady(stage, names)
      await wait(NO_LONGER_NEW)
      return made
    },
    allow: (account, value) =>
      stage.kubectl([
        'annotate',
        'twilioaccount',
        account,
        '--overwrite',
        `events.twilio.com/allow-mass-change=${value}`,
      ]),
    atTwilio: async (accountSid) => (await admin.sinks()).filter(({ account }) => account === accountSid),
    creates: async () => (await admin.journal()).filter(({ operation }) => operation === 'CreateSink').length,
  }
}

/** One look at all of them: a kubectl for each would be the heaviest thing of the test. */
const allReady = (stage: Stage, names: readonly string[]) =>
  until(
    `${names.join(', ')} are Ready`,
    async () => {
      const { items } = JSON.parse(await stage.kubectl(['get', 'sinks', '-o', 'json'])) as {
        items: SinkObject[]
      }
      const found = names.map((name) => items.find(({ metadata }) => metadata.name === name))
      const made = found.filter((one) => one !== undefined && condition(one, 'Ready')?.status === 'True')
      return made.length === names.length && made.filter((one) => one !== undefined)
    },
    60_000,
  )

export const startDeleting = (stage: Stage, name: string) =>
  stage.kubectl(['delete', 'sink', name, '--wait=false'])

/** Waits until the deletion is blocked by the hold. */
export const deletionHeld = (stage: Stage, name: string) =>
  until(`the deletion of ${name} is held`, async () => {
    const object = await stage.get('sinks', name)
    return condition(object, 'DeletionBlocked')?.reason === 'ChangesHeld' && object
  })

export const hasFinalizer = (object: SinkObject | undefined): boolean =>
  object?.metadata.finalizers?.includes(FINALIZER) ?? false

export const gone = (stage: Stage, name: string) =>
  until(`${name} is gone`, async () => (await stage.get('sinks', name)) === undefined)

/** When a condition last changed. */
export const since = (object: SinkObject, type: string): string | undefined =>
  (condition(object, type) as { readonly lastTransitionTime?: string } | undefined)?.lastTransitionTime
