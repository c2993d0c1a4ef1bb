import { expect } from 'vitest'
import { condition, isReady } from '../../rigs/sink-object.ts'
import { hex } from '../../rigs/simulator/sids.ts'
import { markdownTable } from '../../../tools/markdown-table.ts'
import type { SeenChange, History } from './history.ts'
import { SHARED, type AtTwilio, type Role, type Tenancy } from './tenancy.ts'
import type { Tenant } from './tenant.ts'

/** A team with a Twilio account of its own. */
export interface Party {
  readonly tenant: Tenant
  readonly twilio: AtTwilio
  /**
   * `old`: its account has a Ready Sink already. `new`: its account begins together with its Sink. `shared`: it has none,
   * and its Sink uses the one of all.
   */
  readonly age: 'old' | 'new' | 'shared'
  /** Of the TwilioAccount that its Sink uses, and where that is. */
  readonly account: string
  readonly home: string
  /** What its spec says beyond SID and Secret. */
  readonly more: object
  /** Of the Sink that the duel is about. */
  readonly sink: string
}

/** Who meets in one attack. The control is as the victim is, and nobody attacks it. */
export interface DuelScene {
  readonly world: Tenancy
  readonly victim: Party
  readonly control: Party
  readonly attacker: Tenant
  /** The attacker's own account at Twilio. */
  readonly own: AtTwilio
}

/** Ends what goes on in the background. */
export type Ending = () => Promise<void>

export interface Duel {
  /** Default old. */
  readonly victim?: Party['age']
  /** Default as the victim, but never shared. */
  readonly control?: 'old' | 'new'
  /** Of the attacker in its namespace; default admin. */
  readonly role?: Role
  /** False: the operator may not read Secrets in the attacker's namespace. */
  readonly secrets?: boolean
  /** More of the TwilioAccounts of victim and control. */
  readonly account?: object
  /** Under way when it resolves. Both Sinks are made then. */
  readonly attack: (scene: DuelScene) => Promise<Ending | void>
  /** Comes about for both before their Sinks are made; resolves with more of the Sink's spec. */
  readonly before?: (party: Party, scene: DuelScene) => Promise<object>
  /** Of the victim, where it is known beforehand. */
  readonly twilio?: () => AtTwilio
  /** When both are Ready, before both are deleted. */
  readonly midway?: (scene: DuelScene) => Promise<void>
  /** Creates at Twilio that the operator sends for the victim; default 1. */
  readonly creates?: 0 | 1
  readonly withinMs?: number
}

/** Milliseconds; undefined: not within the limit. */
type Time = number | undefined

export interface DuelTimes {
  readonly victim: { readonly ready: Time; readonly gone: Time }
  readonly control: { readonly ready: Time; readonly gone: Time }
}

/** How much later than the control the victim may be: what a busy machine does to one of two, and no poll. */
const FACTOR = 2
const SLACK_MS = 1_500
const WITHIN_MS = 20_000

export const showsReady = ({ type, object }: SeenChange): boolean => type !== 'DELETED' && isReady(object)

export const isOf =
  (kind: 'Sink' | 'TwilioAccount', { namespace }: Pick<Tenant, 'namespace'>, name: string) =>
  ({ object }: SeenChange): boolean =>
    object.kind === kind && object.metadata.namespace === namespace && object.metadata.name === name

/** Sets the scene, attacks, and lets a Sink of the victim and one of the control live and end side by side. */
export async function duel(world: Tenancy, what: Duel, told: (row: DuelTimes) => void): Promise<void> {
  const scene = await setScene(world, what)
  const { victim, control, attacker } = scene
  const end = await what.attack(scene)
  try {
    const row = await perform(scene, what)
    told(row)
    const reasons = reasonsOf(world.history, victim)
    expectAsFast(`Ready (${reasons})`, row.victim.ready, row.control.ready)
    expectAsFast(`gone (${reasons})`, row.victim.gone, row.control.gone)
    await expectOneSink(world, victim, what.creates ?? 1)
    expectNeverHeld(world.history, victim)
  } finally {
    await end?.()
    await world.clear([victim.tenant, control.tenant, attacker])
  }
}

async function setScene(world: Tenancy, what: Duel): Promise<DuelScene> {
  const { victim: age = 'old', role = 'admin', secrets = true } = what
  const [victim, control, attacker, own] = await Promise.all([
    openParty(world, 'victim', age, what),
    openParty(world, 'control', what.control ?? (age === 'new' ? 'new' : 'old'), { account: what.account }),
    world.tenant('attacker', role, secrets),
    world.twilio(),
  ])
  return { world, victim, control, attacker, own }
}

async function openParty(
  world: Tenancy,
  prefix: string,
  age: Party['age'],
  {
    account: more = {},
    twilio: known,
  }: { readonly account?: object | undefined; readonly twilio?: () => AtTwilio },
): Promise<Party> {
  const tenant = await world.tenant(prefix, 'admin')
  const sink = `orders-${hex(3)}`
  if (age === 'shared')
    return { tenant, twilio: world.shared, age, account: SHARED.name, more, home: SHARED.namespace, sink }
  const twilio = known?.() ?? (await world.twilio())
  const account = `account-${hex(3)}`
  const party = { tenant, twilio, age, account, more, home: tenant.namespace, sink }
  if (age === 'new') return party
  const first = `first-${hex(3)}`
  await tenant.account(account, twilio.accountSid, twilio.keys, more)
  await tenant.sink(first, { accountRef: { name: account } })
  await world.sees(first, (change) => isOf('Sink', tenant, first)(change) && showsReady(change))
  // Whatever the operator wants of a key beyond the create, the next LIST tells.
  await world.polled(twilio.user)
  return party
}

async function perform(scene: DuelScene, what: Duel): Promise<DuelTimes> {
  const { world, victim, control } = scene
  const { withinMs = WITHIN_MS } = what
  const parties = [victim, control] as const
  const specs = await Promise.all(parties.map(async (party) => what.before?.(party, scene)))
  const [victimReady, controlReady] = await Promise.all([
    begin(world, victim, specs[0], withinMs),
    begin(world, control, specs[1], withinMs),
  ])
  if (victimReady !== undefined) await what.midway?.(scene)
  const [victimGone, controlGone] = await Promise.all([
    leave(world, victim, withinMs),
    leave(world, control, withinMs),
  ])
  return {
    victim: { ready: victimReady, gone: victimGone },
    control: { ready: controlReady, gone: controlGone },
  }
}

/** From the first of what a team applies until its Sink is Ready. */
async function begin(
  { history }: Tenancy,
  { tenant, twilio, age, account, more, sink }: Party,
  spec: object | undefined,
  withinMs: number,
): Promise<Time> {
  const since = performance.now()
  if (age === 'new') await tenant.account(account, twilio.accountSid, twilio.keys, more)
  await tenant.sink(sink, { ...(age !== 'shared' && { accountRef: { name: account } }), ...spec })
  const isIt = isOf('Sink', tenant, sink)
  const ready = await history.first((change) => isIt(change) && showsReady(change), withinMs)
  return ready && Math.round(ready.at - since)
}

async function leave({ history }: Tenancy, { tenant, sink }: Party, withinMs: number): Promise<Time> {
  const since = performance.now()
  await tenant.remove('Sink', sink)
  const isIt = isOf('Sink', tenant, sink)
  const gone = await history.first((change) => isIt(change) && change.type === 'DELETED', withinMs)
  return gone && Math.round(gone.at - since)
}

export function expectAsFast(what: string, victim: Time, control: Time): void {
  if (control === undefined) throw new Error(`The control is not ${what} within the limit: this says nothing`)
  const limit = FACTOR * control + SLACK_MS
  expect(victim ?? Infinity, `milliseconds until the victim is ${what}; control ${control}`).toBeLessThan(
    limit,
  )
}

/** So many creates that took effect, in the victim's own account and nowhere else, and nothing left. */
async function expectOneSink({ admin }: Tenancy, { sink, twilio }: Party, creates: 0 | 1): Promise<void> {
  const isMarked = new RegExp(`^Events for ${sink} \\[k8s:`, 'u')
  const made = (await admin.journal()).filter(
    ({ operation, committed, description }) =>
      operation === 'CreateSink' && committed && isMarked.test(description ?? ''),
  )
  expect(made.map(({ account }) => account)).toEqual(creates === 0 ? [] : [twilio.accountSid])
  const left = (await admin.sinks()).filter(({ description }) => description.startsWith(`Events for ${sink}`))
  expect(left).toEqual([])
}

/** Also not for a moment. */
function expectNeverHeld({ changes }: History, { home, account }: Party): void {
  const isIt = isOf('TwilioAccount', { namespace: home }, account)
  const held = changes.filter(
    (change) => isIt(change) && condition(change.object, 'ChangesHeld')?.status === 'True',
  )
  expect(held.map(({ object }) => condition(object, 'ChangesHeld')?.reason)).toEqual([])
}

/** What the victim's two objects have said of themselves, to see why a test fails. */
function reasonsOf({ changes }: History, { tenant, home, account, sink }: Party): string {
  const areTheirs = [isOf('Sink', tenant, sink), isOf('TwilioAccount', { namespace: home }, account)]
  const reasons = changes
    .filter((change) => areTheirs.some((isIt) => isIt(change)))
    .flatMap(({ object }) => object.status.conditions ?? [])
    .map(({ type, status, reason }) => `${type}=${status}/${reason}`)
  return [...new Set(reasons)].join(' ')
}

/** TwilioAccounts that no Sink of theirs needs are deleted, that of the victim and that of the control. */
export async function duelOfAccounts(
  world: Tenancy,
  hinder: (scene: DuelScene) => Promise<unknown>,
): Promise<void> {
  const scene = await setScene(world, { victim: 'new', role: 'edit', attack: async () => undefined })
  const { attacker } = scene
  const parties = [scene.victim, scene.control] as const
  for (const { tenant, account, twilio } of parties)
    await tenant.account(account, twilio.accountSid, twilio.keys)
  for (const { twilio } of parties) await world.polled(twilio.user)
  await hinder(scene)
  for (const { twilio } of parties) await world.polled(twilio.user, 2)
  const [victim, control] = await Promise.all(
    parties.map(async ({ tenant, account }) => {
      const since = performance.now()
      await tenant.remove('TwilioAccount', account)
      const isIt = isOf('TwilioAccount', tenant, account)
      const gone = await world.history.first((one) => isIt(one) && one.type === 'DELETED', WITHIN_MS)
      return gone && Math.round(gone.at - since)
    }),
  )
  await world.clear([scene.victim.tenant, scene.control.tenant, attacker])
  expectAsFast('gone', victim, control)
}

export function timesTable(rows: ReadonlyMap<string, DuelTimes>): string {
  const seconds = (time: Time): string => (time === undefined ? 'never' : (time / 1_000).toFixed(2))
  const heads = ['attack', 'victim Ready, s', 'control', 'victim gone, s', 'control']
  const cells = [...rows].map(([attack, { victim, control }]) => [
    attack,
    ...[victim.ready, control.ready, victim.gone, control.gone].map(seconds),
  ])
  return markdownTable(heads, cells)
}
