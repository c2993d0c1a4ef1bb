import { apiCalls, Refused, type CallApi } from '../../rigs/control-plane/api-access.ts'
import type { SimulatorAdmin } from '../../rigs/simulator/admin.ts'
import { watchObjects, type ObjectWatch, type WatchedObject } from '../gitops/object-watch.ts'
import type { Site } from '../install/site.ts'
import type { TurnableClock } from './clock.ts'
import { claimsOf, type HourSample } from './truths.ts'

/**
 * Looks at what all objects say beside what is so, as often as it is asked to, and at each status that was ever written
 * beside what was so just before and after.
 */
export interface Watcher {
  /** Found since the last call. */
  lies(): readonly string[]
  /** How many claims of statuses were judged as they were written. */
  judged(): number
  look(): Promise<HourSample>
  /** The definitions must be there. */
  follow(namespace: string): Promise<void>
  end(): void
}

interface Parts {
  readonly site: Site
  readonly clock: TurnableClock
  /** By user name, the passwords that Twilio has given out. */
  readonly passwords: ReadonlyMap<string, string>
}

/** Between two looks that are further apart a person may have done something and undone it again; milliseconds. */
const UNSEEN = 1_000

/** Samples older than the longest grace tell nothing; one grace more is for the room. */
const REMEMBERED = 700

export function createWatcher({ site, clock, passwords }: Parts): Watcher {
  const call = apiCalls(site.cluster)
  const lies: string[] = []
  const past: (HourSample & { readonly room: number })[] = []
  const untrueSince = new Map<string, number>()
  const unjudged: { readonly object: WatchedObject; readonly at: number }[] = []
  const statuses = new Map<string, string>()
  const watches: ObjectWatch[] = []
  let judged = 0

  const sample = async (): Promise<HourSample> => {
    const [sinks, accounts, secrets, external, { credentials }] = await Promise.all([
      list<WatchedObject>(call, '/apis/events.twilio.com/v1alpha1/sinks'),
      list<WatchedObject>(call, '/apis/events.twilio.com/v1alpha1/twilioaccounts'),
      list<SecretObject>(call, '/api/v1/secrets?fieldSelector=type=Opaque'),
      site.simulator.admin.sinks(),
      site.simulator.admin.accounts(),
    ])
    return {
      seconds: clock.seconds(),
      sinks: byKey(sinks.map((one) => ({ ...one, kind: 'Sink' }))),
      accounts: byKey(accounts.map((one) => ({ ...one, kind: 'TwilioAccount' }))),
      secrets: new Map([...byKey(secrets)].map(([key, { data }]) => [key, decoded(data)])),
      external,
      accepts: (accountSid, secret) => accepts({ passwords, credentials }, accountSid, secret),
    }
  }

  const judgeNow = (world: HourSample): void => {
    const untrue = new Set<string>()
    for (const object of [...world.sinks.values(), ...world.accounts.values()]) {
      for (const { says, holds, within } of claimsOf(object, world)) {
        if (holds) continue
        untrue.add(says)
        const since = untrueSince.get(says) ?? world.seconds
        untrueSince.set(says, since)
        const untrueFor = world.seconds - since
        if (untrueFor > within) lie(`${says} (not so for ${untrueFor.toFixed(0)} s)`)
      }
    }
    for (const says of untrueSince.keys()) if (!untrue.has(says)) untrueSince.delete(says)
  }

  const lie = (text: string): void => {
    const [says] = text.split(' (not so')
    if (!lies.some((known) => known.startsWith(says ?? text))) lies.push(text)
  }

  /** A write tells of what a reconcile has seen before; whatever was so within its grace, it may say. */
  const judgeWritten = (world: HourSample): void => {
    for (const { object, at } of unjudged.splice(0)) {
      for (const { says, holds, within } of claimsOf(object, world)) {
        const near = past.filter(({ seconds }) => seconds >= at - within - 1)
        if (near.some(({ room }, index) => room - (near[index - 1]?.room ?? room) > UNSEEN)) continue
        judged += 1
        const once = near.some((other) =>
          claimsOf(object, other).some((one) => one.says === says && one.holds),
        )
        const silent = /NotYetObserved|Active/u.test(says)
        if (!holds && !once && !silent) lie(`${says} (not so when it was written)`)
      }
    }
  }

  return {
    lies: () => lies.splice(0),
    judged: () => judged,
    look: async () => {
      const world = await sample()
      past.push({ ...world, room: performance.now() })
      while (past[0] !== undefined && past[0].seconds < world.seconds - REMEMBERED) past.shift()
      judgeNow(world)
      judgeWritten(world)
      return world
    },
    follow: async (namespace) => {
      const seen = (object: WatchedObject): void => {
        const { uid } = object.metadata
        const status = JSON.stringify(object.status)
        // What people write has the status of before, which the operator has not answered for yet.
        if (statuses.get(uid) !== status) unjudged.push({ object, at: clock.seconds() })
        statuses.set(uid, status)
      }
      watches.push(await watchObjects(site.cluster, namespace, seen))
    },
    end: () => watches.forEach((watch) => watch.end()),
  }
}

interface Named {
  readonly metadata: { readonly name: string; readonly namespace?: string }
}
type SecretObject = Named & { readonly data?: Readonly<Record<string, string>> }

/** Without the definitions there is none; when they have just come, the API server is not ready to tell. */
async function list<T extends Named>(call: CallApi, path: string): Promise<T[]> {
  try {
    const found = await call('GET', path)
    return found === undefined ? [] : (found as { readonly items: T[] }).items
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 429) throw error
    return []
  }
}

const byKey = <T extends Named>(items: readonly T[]): Map<string, T> =>
  new Map(items.map((item) => [`${item.metadata.namespace ?? ''}/${item.metadata.name}`, item]))

const decoded = (data: SecretObject['data'] = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  )

function accepts(
  {
    passwords,
    credentials,
  }: Pick<Parts, 'passwords'> & Pick<Awaited<ReturnType<SimulatorAdmin['accounts']>>, 'credentials'>,
  accountSid: string,
  secret: Readonly<Record<string, string>> | undefined,
): boolean {
  if (secret === undefined) return false
  const key = secret['TWILIO_API_KEY']
  const [username, password] =
    key === undefined ? [accountSid, secret['TWILIO_AUTH_TOKEN']] : [key, secret['TWILIO_API_SECRET']]
  const known = credentials.find((one) => one.username === username)
  return known?.revoked === false && password !== undefined && passwords.get(username) === password
}
