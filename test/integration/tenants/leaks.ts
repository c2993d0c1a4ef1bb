import { objectPart, readMark } from '../../../src/external/ownership-mark.ts'
import type { NamespacedObject, WrittenEvent } from './history.ts'
import type { Tenancy } from './tenancy.ts'
import type { Tenant } from './tenant.ts'

/** What the operator has told the tenants of one namespace, and may not have. */
export interface Leak {
  readonly namespace: string
  readonly where: string
  readonly kind: 'of others' | 'key' | 'secret'
  readonly word: string
}

/** One status with its annotations, or one event, at one time. */
interface Told {
  readonly namespace: string
  readonly where: string
  readonly text: string
}

const KEY = /SK[0-9a-f]{32}/gu

/**
 * All that was ever in a status, an annotation or an event, against all that belongs to others: namespaces, names of
 * objects, account SIDs, SIDs of sinks, keys and secrets. What tenants have written themselves tells them nothing.
 */
export async function leaks(world: Tenancy): Promise<Leak[]> {
  const { history, tenants, twilios } = world
  const words = await wordsByNamespace(world)
  const secrets = twilios.map(({ keys }) => keys['TWILIO_API_SECRET'] ?? 'no secret')
  const found = new Map<string, Leak>()
  for (const { namespace, where, text } of [
    ...history.changes.map(({ object }) => ofObject(object)),
    ...history.events.map(ofEvent),
  ]) {
    const mine = words.get(namespace)
    if (mine === undefined) continue
    const theirs = new Set([...words].flatMap(([name, all]) => (name === namespace ? [] : [...all])))
    const wrote = tenants.find((one) => one.namespace === namespace)?.wrote ?? []
    const said = [...theirs].filter((word) => !mine.has(word) && text.includes(word) && !isIn(wrote, word))
    // Not even one's own: who may look at Sinks may not look at Secrets.
    const keys = (text.match(KEY) ?? []).filter((key) => !isIn(wrote.filter(isNoSecret), key))
    const all: readonly [Leak['kind'], readonly string[]][] = [
      ['of others', said],
      ['key', keys],
      ['secret', secrets.filter((secret) => text.includes(secret))],
    ]
    for (const [kind, some] of all)
      for (const word of some) found.set(`${namespace} ${where} ${word}`, { namespace, where, kind, word })
  }
  return [...found.values()]
}

const isIn = (bodies: readonly string[], word: string): boolean => bodies.some((body) => body.includes(word))
const isNoSecret = (body: string): boolean => !body.includes('"kind":"Secret"')

const ofObject = ({ kind, metadata, status }: NamespacedObject): Told => ({
  namespace: metadata.namespace,
  where: `${kind} ${metadata.name}`,
  text: JSON.stringify({ status, annotations: metadata.annotations }),
})

const ofEvent = ({ metadata, reason, action, note, related, regarding }: WrittenEvent): Told => ({
  namespace: metadata.namespace,
  where: `${reason ?? 'event'} about ${regarding?.kind ?? ''} ${regarding?.name ?? ''}`,
  text: JSON.stringify({ annotations: metadata.annotations, reason, action, note, related }),
})

/** What is told apart by its looks alone. The SID of an account that is lent to all is everybody's. */
async function wordsByNamespace(world: Tenancy): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { history, tenants } = world
  const atTwilio = await sidsByAccount(world)
  const words = new Map(
    tenants.map((tenant) => [tenant.namespace, new Set(wordsOf(world, tenant, atTwilio))]),
  )
  for (const { object } of history.changes) {
    const { namespace, name } = object.metadata
    // Names that only one of them has.
    if (/-[0-9a-f]{6}$/u.test(name)) words.get(namespace)?.add(name)
    const { sid } = object.status
    if (sid !== undefined) words.get(namespace)?.add(sid)
  }
  // A sink that was deleted before its record was in a status is told of in events alone: its mark says whose it is.
  const namespaces = new Map(
    history.changes.map(({ object: { metadata } }) => [
      objectPart(`${metadata.namespace}/${metadata.name}`),
      metadata.namespace,
    ]),
  )
  for (const { sid, description } of await creates(world))
    words.get(namespaces.get(readMark(description).mark?.object ?? '') ?? '')?.add(sid)
  for (const { object } of history.changes)
    if (object.kind === 'TwilioAccount' && 'allowedNamespaces' in object.spec && isLent(object))
      for (const all of words.values()) all.add(String(object.spec['accountSid']))
  return words
}

const isLent = ({ spec }: NamespacedObject): boolean =>
  JSON.stringify(spec['allowedNamespaces']).includes('"All"')

/** Who has a key of an account can see there what is in it. */
function wordsOf(
  { twilios }: Tenancy,
  { namespace, wrote }: Tenant,
  atTwilio: ReadonlyMap<string, readonly string[]>,
): string[] {
  const accounts = twilios
    .filter(({ keys }) => wrote.some((body) => body.includes(keys['TWILIO_API_SECRET'] ?? '')))
    .map(({ accountSid }) => accountSid)
  return [namespace, ...accounts, ...accounts.flatMap((account) => atTwilio.get(account) ?? [])]
}

async function sidsByAccount(world: Tenancy): Promise<ReadonlyMap<string, readonly string[]>> {
  const sids = new Map<string, string[]>()
  for (const { account, sid } of await creates(world))
    if (account !== null) sids.set(account, [...(sids.get(account) ?? []), sid])
  return sids
}

interface Create {
  readonly account: string | null
  readonly sid: string
  readonly description: string
}

async function creates({ admin }: Tenancy): Promise<Create[]> {
  return (await admin.journal()).flatMap(({ account, sid, operation, description }) =>
    operation === 'CreateSink' && sid !== null ? [{ account, sid, description: description ?? '' }] : [],
  )
}
