import { condition, isReady } from '../../rigs/sink-object.ts'
import { hex, newRandomSid } from '../../rigs/simulator/sids.ts'
import type { WatchedObject } from '../gitops/object-watch.ts'
import type { Hour } from './hour.ts'
import type { HourSample } from './truths.ts'

/** An account at Twilio that was opened today, and what its owner puts into a Secret. */
export interface Owner {
  readonly accountSid: string
  /** As a Secret holds it. */
  readonly credential: () => Readonly<Record<string, string>>
  /** Makes another credential; from then on the first is worth nothing. */
  rotate(): Promise<void>
}

export type OpenAccount = (hour: Hour) => Promise<Owner>

const newAccount = (): string => newRandomSid('AC')

/** By an API key alone, as Twilio advises. */
export const withKey: OpenAccount = async ({ site, passwords }) => {
  const accountSid = newAccount()
  let key = { sid: newRandomSid('SK'), secret: hex(16) }
  await site.simulator.admin.addAccount({ sid: accountSid, keys: [key] })
  passwords.set(key.sid, key.secret)
  return {
    accountSid,
    credential: () => ({ TWILIO_API_KEY: key.sid, TWILIO_API_SECRET: key.secret }),
    rotate: async () => {
      const { sid } = key
      key = { sid: newRandomSid('SK'), secret: hex(16) }
      await site.simulator.admin.addAccount({ sid: accountSid, keys: [key] })
      passwords.set(key.sid, key.secret)
      await site.simulator.admin.revokeCredential(sid)
    },
  }
}

export const withToken: OpenAccount = async ({ site, passwords }) => {
  const accountSid = newAccount()
  let token = hex(16)
  await site.simulator.admin.addAccount({ sid: accountSid, authToken: token })
  passwords.set(accountSid, token)
  return {
    accountSid,
    credential: () => ({ TWILIO_AUTH_TOKEN: token }),
    rotate: async () => {
      token = hex(16)
      await site.simulator.admin.changeCredential(accountSid, { password: token })
      passwords.set(accountSid, token)
    },
  }
}

/** Writes what the Secret holds from now on, past every shell and its history. */
export async function putSecret(
  { site }: Hour,
  name: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const [namespace, secret] = name.split('/')
  const path = `/api/v1/namespaces/${namespace}/secrets`
  await site.api('DELETE', `${path}/${secret}`)
  const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name: secret }, stringData: values }
  const { status } = await site.api('POST', path, { type: 'json', body })
  if (status !== 201) throw new Error(`the Secret ${name} was not taken: ${status}`)
}

/** A sink as somebody makes it in the Console. */
export async function makeInConsole(
  { site }: Hour,
  { accountSid, credential }: Owner,
  destination: string,
): Promise<string> {
  const { TWILIO_API_KEY: user = accountSid, TWILIO_API_SECRET, TWILIO_AUTH_TOKEN } = credential()
  const password = TWILIO_API_SECRET ?? TWILIO_AUTH_TOKEN ?? ''
  const SinkConfiguration = JSON.stringify({ destination, method: 'POST', batch_events: false })
  const answer = await fetch(`${site.simulator.url}/v1/Sinks`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
    body: new URLSearchParams({
      Description: 'Made by hand in the Console',
      SinkType: 'webhook',
      SinkConfiguration,
    }),
  })
  const { sid } = (await answer.json()) as { readonly sid: string }
  return sid
}

export const sinkIn = ({ sinks }: HourSample, name: string): WatchedObject | undefined =>
  sinks.get(`shop/${name}`)

/** Each of the Sinks is Ready, for its spec as it stands. */
export const areReady =
  (...names: readonly string[]) =>
  (world: HourSample): boolean =>
    names.map((name) => sinkIn(world, name)).every((object) => object !== undefined && isReady(object))

export const sinksSay =
  (reason: string, ...names: readonly string[]) =>
  (world: HourSample): boolean =>
    names.every((name) => condition(sinkIn(world, name), 'Ready')?.reason === reason)

export const accountSays =
  (reason: string, name: string) =>
  ({ accounts }: HourSample): boolean =>
    condition(accounts.get(name), 'Ready')?.reason === reason

export const areGone =
  (...names: readonly string[]) =>
  (world: HourSample): boolean =>
    names.every((name) => sinkIn(world, name) === undefined)

/** After a step that was not done: what hangs is ended, so that the next step reports only itself. */
export async function clearAway({ site, watcher }: Hour): Promise<void> {
  const { sinks, external } = await watcher.look()
  for (const { metadata, status } of sinks.values()) {
    if (metadata.deletionTimestamp === undefined) continue
    const path = `/apis/events.twilio.com/v1alpha1/namespaces/${metadata.namespace}/sinks/${metadata.name}`
    await site.api('PATCH', path, { type: 'merge-patch+json', body: { metadata: { finalizers: null } } })
    const { sid } = status
    if (external.some((sink) => sink.sid === sid)) await site.simulator.admin.deleteSink(sid ?? '')
  }
}
