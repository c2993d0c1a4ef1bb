import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isReady } from '../../rigs/sink-object.ts'
import { hex } from '../../rigs/simulator/sids.ts'
import { helmMissing } from '../chart/helm-or-skip.ts'
import {
  again,
  foreignMark,
  forgeJournalOf,
  guessedSecret,
  hangingTwin,
  keepsHandMadeSink,
  observed,
  olderWish,
  refusedFinalizer,
  releasedTwin,
  requestAll,
  troubledTwin,
  twin,
  TWIN,
  vanish,
} from './attacks.ts'
import { duel, duelOfAccounts, isOf, timesTable, type Duel, type DuelTimes, type DuelScene } from './duel.ts'
import { leaks } from './leaks.ts'
import { LENT, openTenancy, type Tenancy } from './tenancy.ts'
import { webhookFor } from './tenant.ts'

let world: Tenancy
const rows = new Map<string, DuelTimes>()

/** Longer than the settle time, a call and a poll. */
const OUTAGE_MS = 14_000

/** A test of this title: whatever the attacker does, the victim fares as the control does. */
const attack = (title: string, what: Duel): void =>
  test(title, () => duel(world, what, (row) => rows.set(title, row)))

const importing = (sid: string) => ({ import: { sid }, deletionPolicy: 'Delete' })

const lentBy = ({ victim }: DuelScene) => ({ accountRef: { namespace: victim.home, name: victim.account } })

/** Imports of sinks made by hand, while an older Sink of somebody else wishes for what the victim is about to import. */
const wished = (spec: (scene: DuelScene) => object, more: Pick<Duel, 'account' | 'attack'>): Duel => ({
  ...more,
  creates: 0,
  before: async (party, scene) => {
    const { twilio, sink } = party
    const sid = await world.makeSink(twilio, `Events for ${sink}`, `https://${sink}.example.com/events`)
    if (party === scene.victim) await olderWish(scene, sid, spec(scene))
    return importing(sid)
  },
})

/** A create whose answer is lost, and then no LIST for a while; Twilio is itself again before it resolves. */
const lostAnswer: Duel['before'] = async ({ twilio: { accountSid } }) => {
  const creates = { account: accountSid, operation: 'CreateSink' }
  await world.admin.addFault({ kind: 'reset', phase: 'after', times: 1, match: creates })
  const lists = { account: accountSid, operation: 'ListSink' }
  const { id } = await world.admin.addFault({ kind: 'answer', status: 503, match: lists })
  setTimeout(() => void world.admin.removeFault(id), OUTAGE_MS)
  return {}
}

describe.skipIf(helmMissing !== undefined)('tenants', () => {
  beforeAll(async () => {
    world = await openTenancy()
  })
  afterAll(async () => {
    process.stdout.write(`\n${timesTable(rows)}\n`)
    await world?.end()
  })

  describe.concurrent('another account of the same account SID', () => {
    attack('with a foreign key, released and with a Sink, slows nobody', {
      attack: async (scene) => void (await releasedTwin(scene)),
    })

    attack('proves no absence while an answer is lost and Twilio is down', {
      withinMs: 40_000,
      attack: async (scene) => void (await releasedTwin(scene)),
      before: lostAnswer,
    })

    attack('whose six Sinks vanish at once is no mass disappearance for others', {
      attack: async (scene) => {
        await releasedTwin(scene, 6)
        await vanish(scene)
        await world.polled(scene.own.user)
        await world.polled(scene.victim.twilio.user)
      },
    })

    attack('that Twilio tells to wait for five minutes keeps nobody waiting', {
      attack: (scene) => troubledTwin(scene, { kind: 'answer', status: 429, retryAfter: 300 }),
    })

    attack('that Twilio refuses again and again slows nobody', {
      attack: (scene) => troubledTwin(scene, { kind: 'answer', status: 401 }),
    })

    attack('that Twilio answers slowly slows nobody', {
      attack: (scene) => troubledTwin(scene, { kind: 'latency', ms: 1_500 }),
    })

    attack('that Twilio does not answer slows nobody', {
      attack: hangingTwin,
    })

    attack('whose key shows a sink with the mark of the victim gives nobody a wrong sink', {
      attack: async (scene) => {
        const sid = await foreignMark(scene)
        await releasedTwin(scene)
        const name = `takes-${hex(3)}`
        await scene.attacker.sink(name, { ...importing(sid), accountRef: { name: TWIN } })
        await observed(world, scene.attacker, name)
      },
    })

    attack('is there fifty times and slows nobody', {
      attack: async ({ attacker, victim, own }) => {
        const names = Array.from({ length: 50 }, (_, n) => `${TWIN}-${n}`)
        for (const name of names) await attacker.account(name, victim.twilio.accountSid, own.keys)
        await world.polled(own.user, 50)
      },
    })

    attack('comes and goes, with a Sink, and slows nobody', {
      attack: async (scene) => {
        const [name = ''] = await releasedTwin(scene)
        const { attacker, victim } = scene
        return again(async () => {
          await attacker.remove('Sink', name)
          await attacker.remove('TwilioAccount', TWIN)
          await world.polled(victim.twilio.user)
          await attacker.account(TWIN, victim.twilio.accountSid, scene.own.keys)
          await attacker.sink(name, { accountRef: { name: TWIN } })
          await observed(world, attacker, name)
        })
      },
    })
  })

  describe.concurrent('credentials', () => {
    attack("the victim's key with a guessed secret, in an account of its SID, stops nobody", {
      attack: (scene) => guessedSecret(scene, scene.victim.twilio.accountSid),
    })

    attack("the victim's key with a guessed secret, in an account of another SID, stops nobody", {
      attack: (scene) => guessedSecret(scene, scene.own.accountSid),
    })

    attack("the victim's key with a guessed secret stops no account that is new", {
      victim: 'new',
      attack: (scene) => guessedSecret(scene, scene.own.accountSid),
    })

    attack('a key of the same account of Twilio, declared as of another, stops nobody who was there first', {
      attack: async ({ attacker, victim, own }) => {
        const { keys, user } = await world.twilio(victim.twilio.accountSid)
        await attacker.account(TWIN, own.accountSid, keys)
        await attacker.sink(`mine-${hex(3)}`, { accountRef: { name: TWIN } })
        await world.polled(user, 2)
      },
    })
  })

  describe.concurrent('annotations and references', () => {
    attack('a forged journal that names a new account holds nothing there', {
      victim: 'new',
      role: 'edit',
      attack: (scene) => forgeJournalOf(scene, {}),
    })

    attack('a forged journal of a Sink that may use the account holds nothing there', {
      role: 'edit',
      account: LENT,
      attack: (scene) => forgeJournalOf(scene, lentBy(scene)),
    })

    attack('a forged journal of a Sink that may use the account holds nothing where all is new', {
      victim: 'new',
      role: 'edit',
      account: LENT,
      attack: (scene) => forgeJournalOf(scene, lentBy(scene)),
    })

    attack('requests without end, of Sinks that share the account, keep nobody waiting', {
      role: 'edit',
      account: LENT,
      attack: async (scene) => {
        const names = Array.from({ length: 10 }, () => `mine-${hex(3)}`)
        for (const name of names) await scene.attacker.sink(name, lentBy(scene))
        for (const name of names) await observed(world, scene.attacker, name)
        return again(() => requestAll(scene.attacker, names))
      },
    })

    attack('a default account that comes and goes changes nothing for those who share the one of all', {
      victim: 'shared',
      attack: async ({ attacker, own }) => {
        const name = `mine-${hex(3)}`
        await attacker.sink(name)
        await observed(world, attacker, name)
        return again(async () => {
          await attacker.account('default', world.shared.accountSid, own.keys)
          await world.polled(own.user)
          await attacker.remove('TwilioAccount', 'default')
        })
      },
    })

    test.for([
      ['a forged journal', (scene: DuelScene) => forgeJournalOf(scene, {})],
      [
        'a Sink that may not refer to it',
        (scene: DuelScene) => scene.attacker.sink('stranger', lentBy(scene)),
      ],
    ] as const)('no TwilioAccount is kept from being deleted by %s', ([, hinder]) =>
      duelOfAccounts(world, hinder),
    )
  })

  describe.concurrent('accounts that the operator can do nothing with', () => {
    const victims = { victim: 'new', control: 'old' } as const

    attack('one whose finalizer is refused keeps no new account waiting', {
      ...victims,
      attack: refusedFinalizer,
    })

    attack('one whose Secret cannot be read keeps no new account waiting', {
      ...victims,
      secrets: false,
      attack: async ({ attacker, own }) => {
        await attacker.account(TWIN, own.accountSid, own.keys)
        await attacker.sink('mine', { accountRef: { name: TWIN } })
        await observed(world, attacker, 'mine')
      },
    })

    attack('one that cannot be read itself keeps no new account waiting', {
      ...victims,
      twilio: () => world.unreadable.twilio,
      attack: async ({ attacker }) => {
        const { namespace } = world.unreadable.tenant
        await attacker.sink('mine', { accountRef: { namespace, name: 'newer' } })
        await observed(world, attacker, 'mine')
      },
    })
  })

  describe.concurrent('wishes for a sink of others', () => {
    attack('one whose import is not allowed stops no rightful import', {
      ...wished(lentBy, { account: LENT, attack: async () => undefined }),
      role: 'edit',
    })

    attack('one whose account does not exist stops no rightful import', {
      ...wished(() => ({ accountRef: { name: 'nothere' } }), { attack: async () => undefined }),
      role: 'edit',
    })

    attack('one through a foreign key stops no rightful import', {
      ...wished(() => ({ accountRef: { name: TWIN } }), { attack: twin }),
    })

    attack('one for a sink that somebody has already, and its deletion, changes nothing', {
      role: 'edit',
      account: { ...LENT, imports: 'Allowed' },
      attack: async () => undefined,
      midway: async (scene) => {
        const { victim, attacker } = scene
        const { status } = (await victim.tenant.look('Sink', victim.sink)) ?? {}
        await attacker.sink('wish', {
          ...webhookFor(victim.sink),
          ...importing(status?.sid ?? ''),
          ...lentBy(scene),
        })
        await observed(world, attacker, 'wish')
        await attacker.remove('Sink', 'wish')
        await world.sees(
          'it is gone',
          (change) => isOf('Sink', attacker, 'wish')(change) && change.type === 'DELETED',
        )
        expect(await world.admin.sink(status?.sid ?? '')).toBeDefined()
      },
    })
  })

  describe.concurrent('statuses, written by who may write everything in one namespace', () => {
    attack("the victim's SID in an older Sink that shares the account takes nothing from the victim", {
      role: '*',
      account: LENT,
      attack: async (scene) => {
        await scene.attacker.sink('mine', { suspend: true, ...lentBy(scene) })
        await observed(world, scene.attacker, 'mine')
      },
      midway: async (scene) => {
        const { victim, attacker } = scene
        const { status = {} } = (await victim.tenant.look('Sink', victim.sink)) ?? {}
        await attacker.patch('Sink', 'mine', {
          spec: { ...webhookFor(victim.sink), description: 'Of somebody else', suspend: false },
        })
        await attacker.patchStatus('Sink', 'mine', status)
        await world.polled(victim.twilio.user, 2)
        const again = await victim.tenant.look('Sink', victim.sink)
        expect(again && isReady(again)).toBe(true)
      },
    })

    attack("copies of all that the victim's statuses say prove nothing", {
      role: '*',
      withinMs: 40_000,
      attack: async (scene) => {
        const { attacker, victim } = scene
        const [name = ''] = await releasedTwin(scene)
        const mine = world.history.changes.filter(({ object }) => object.metadata.namespace === victim.home)
        const last = (kind: string) =>
          mine.findLast(({ object }) => object.kind === kind)?.object.status ?? {}
        await attacker.patchStatus('TwilioAccount', TWIN, last('TwilioAccount'))
        await attacker.patchStatus('Sink', name, last('Sink'))
        await world.polled(scene.own.user)
      },
      before: lostAnswer,
    })

    test('a sink made by hand in a shared account is neither taken over nor deleted', () =>
      keepsHandMadeSink(world))
  })

  describe('what tenants can read', () => {
    test('holds no name and no SID of what is in the namespaces of others', async () => {
      expect((await leaks(world)).filter(({ kind }) => kind === 'of others')).toEqual([])
    })

    test('holds no key of anybody, not even their own, and no secret', async () => {
      expect((await leaks(world)).filter(({ kind }) => kind !== 'of others')).toEqual([])
    })
  })
})
