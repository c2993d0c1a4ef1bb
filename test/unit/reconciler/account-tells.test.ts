import { describe, expect, it } from 'vitest'
import { findCondition, type Condition } from '../../../src/api/condition.ts'
import { FINALIZER } from '../../../src/api/group.ts'
import { TwilioFailure, type FailureFacts } from '../../../src/external/failure.ts'
import { readable } from '../../../src/reconciler/memory/account-of-sink.ts'
import type { ObjectEvent } from '../../../src/reconciler/ports.ts'
import type { Report } from '../../../src/sink/report/report.ts'
import { external, marked, SID } from './external.ts'
import { ACCOUNT, accountObject, createWorld, KEY, sinkObject } from './world.ts'

/** What a TwilioAccount says of its troubles: in its conditions, in events and in the log, with the same words. */

type World = ReturnType<typeof createWorld>

interface Line {
  readonly level: string
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

const POLL = 300_001
const DELETED = '2026-11-24T12:00:00Z'

/** Listens to a world. */
function heard(world: World) {
  const events: ObjectEvent[] = []
  const lines: Line[] = []
  const reports: Report[] = []
  Object.assign(world.s.events, { emit: (event: ObjectEvent) => events.push(event) })
  Object.assign(world.s, {
    observer: {
      ...world.s.observer,
      reconciled: (report: Report) => reports.push(report),
      log: (level: string, fields: Line['fields'], message: string) => lines.push({ level, fields, message }),
    },
  })
  return {
    events: (reason: string) => events.filter((event) => event.reason === reason),
    lines: (reason: string) => lines.filter(({ fields }) => fields['reason'] === reason),
    reports,
  }
}

const statusOf = (world: World) => readable(world.s.accounts.get(ACCOUNT))?.status
const conditionOf = (world: World, type: string): Condition | undefined =>
  findCondition(statusOf(world)?.conditions ?? [], type)

async function poll(world: World): Promise<void> {
  world.pass(POLL)
  world.woken.accounts.add(ACCOUNT)
  await world.settle()
}

const REFUSED: FailureFacts = {
  kind: 'not-sent',
  message: 'The request was not sent: connect ECONNREFUSED 192.0.2.1:443',
}
const PAGE: FailureFacts = {
  kind: 'transient',
  status: 503,
  message: 'HTTP status 503 without a readable error of Twilio, but an HTML page',
}

describe('a poll that fails', () => {
  it('is told at once with its cause, once for the series, while Ready stays as it was for three polls', async () => {
    const world = createWorld()
    const { events, lines } = heard(world)
    await world.start()
    world.twilio.failing.set('list', new TwilioFailure(REFUSED))
    await poll(world)
    expect(conditionOf(world, 'Ready')?.reason).toBe('Verified')
    expect(events('TwilioUnreachable').map(({ note }) => note)).toEqual([
      expect.stringContaining('ECONNREFUSED'),
    ])
    await poll(world)
    await poll(world)
    await poll(world)
    const { reason, message } = conditionOf(world, 'Ready') ?? {}
    expect(reason).toBe('TwilioUnreachable')
    expect(message).toContain('not-sent: The request was not sent: connect ECONNREFUSED 192.0.2.1:443.')
    expect(message, 'who can fix it').toContain('--twilio-base-url')
    expect(lines('TwilioUnreachable').filter(({ fields }) => fields['kind'] === 'not-sent')).toHaveLength(1)
    const [first] = lines('TwilioUnreachable')
    expect(first).toMatchObject({ level: 'warn', fields: { account: ACCOUNT, message: REFUSED.message } })
  })

  it('of new credentials shows in Ready at once, and a Twilio that has answered is not said to be silent', async () => {
    const world = createWorld()
    const { events } = heard(world)
    world.twilio.failing.set('list', new TwilioFailure(PAGE))
    await world.start()
    const { status, reason, message } = conditionOf(world, 'Ready') ?? {}
    expect([status, reason]).toEqual(['Unknown', 'TwilioUnreachable'])
    expect(message).toContain(PAGE.message)
    expect(message).not.toMatch(/not answered/u)
    expect(events('TwilioUnreachable')).toHaveLength(1)
  })

  it('is logged again where the cause is another one, and the end of the series, too', async () => {
    const world = createWorld()
    const { lines } = heard(world)
    await world.start()
    for (const facts of [REFUSED, REFUSED, PAGE, PAGE]) {
      world.twilio.failing.set('list', new TwilioFailure(facts))
      await poll(world)
    }
    const polls = lines('TwilioUnreachable').filter(({ fields }) => fields['kind'] !== undefined)
    expect(polls.map(({ fields }) => fields['status'])).toEqual([undefined, 503])
    world.twilio.failing.delete('list')
    await poll(world)
    expect(lines('TwilioUnreachable').at(-1)).toMatchObject({ level: 'info' })
    expect(conditionOf(world, 'Ready')?.reason).toBe('Verified')
  })

  it('writes nothing more while its cause stays', async () => {
    const world = createWorld()
    await world.start()
    world.twilio.failing.set('list', new TwilioFailure(PAGE))
    for (let polls = 0; polls < 4; polls += 1) await poll(world)
    const written = world.accounts.patches
    for (let polls = 0; polls < 10; polls += 1) await poll(world)
    expect(world.accounts.patches).toBe(written)
  })
})

describe('refused credentials', () => {
  it('are logged once by each process, with the words of the condition', async () => {
    const world = createWorld()
    const first = heard(world)
    world.twilio.failing.set('list', 'unauthorized')
    await world.start()
    await poll(world)
    const told = { account: ACCOUNT, condition: 'Ready', reason: 'Unauthorized' }
    const line = { level: 'warn', fields: { ...told, message: conditionOf(world, 'Ready')?.message } }
    expect(first.lines('Unauthorized')).toMatchObject([line])
    const next = world.another()
    const second = heard(next)
    const written = world.accounts.patches + next.accounts.patches
    await next.start()
    expect(second.lines('Unauthorized')).toMatchObject([line])
    expect(second.events('CredentialsRefused')).toEqual([])
    expect(world.accounts.patches + next.accounts.patches).toBe(written)
    next.twilio.failing.delete('list')
    await poll(next)
    expect(second.lines('Unauthorized').at(-1)).toMatchObject({ level: 'info' })
  })
})

describe('an account that is being deleted while Sinks use it', () => {
  async function leaving() {
    const world = createWorld()
    const told = heard(world)
    world.accounts.put(ACCOUNT, accountObject({ spec: { allowedNamespaces: { from: 'All' } } }))
    await world.start()
    await world.apply(KEY, sinkObject())
    await world.settle()
    const other = { namespace: 'their-secret-plans', name: 'x', uid: 'x' }
    const spec = { accountRef: { namespace: 'shop', name: 'default' } }
    await world.apply('their-secret-plans/x', sinkObject({ metadata: other, spec }))
    await poll(world)
    const stored = world.accounts.stored.get(ACCOUNT)
    if (stored === undefined) throw new Error('there is no account')
    world.accounts.put(ACCOUNT, { ...stored, metadata: { ...stored.metadata, deletionTimestamp: DELETED } })
    await world.accounts.read(ACCOUNT)
    await poll(world)
    return { world, told }
  }

  it('says for which it waits, in condition, event and log, and names no object of other namespaces', async () => {
    const { world, told } = await leaving()
    const { reason, message = '' } = conditionOf(world, 'DeletionBlocked') ?? {}
    expect(reason).toBe('AccountInUse')
    expect(message).toContain('shop/orders, and Sinks of other namespaces')
    expect(message).not.toContain('their-secret-plans')
    expect(told.events('DeletionBlocked').map(({ kind, note }) => [kind, note])).toEqual([
      ['TwilioAccount', message],
    ])
    expect(told.lines('AccountInUse')).toMatchObject([
      { level: 'warn', fields: { account: ACCOUNT, message } },
    ])
    const written = world.accounts.patches
    await poll(world)
    expect(world.accounts.patches, 'nothing more at rest').toBe(written)
  })

  it('goes with the last of them', async () => {
    const { world } = await leaving()
    expect(world.accounts.stored.has(ACCOUNT)).toBe(true)
    for (const key of [KEY, 'their-secret-plans/x']) {
      const stored = world.sinks.stored.get(key)
      if (stored === undefined) throw new Error('there is no Sink')
      const metadata = { ...stored.metadata, finalizers: [FINALIZER], deletionTimestamp: DELETED }
      await world.apply(key, {
        ...stored,
        metadata,
        spec: { ...Object(stored['spec']), deletionPolicy: 'Orphan' },
      })
    }
    await world.settle()
    await poll(world)
    expect(world.accounts.stored.has(ACCOUNT)).toBe(false)
  })
})

describe('a sink with our mark whose object is gone', () => {
  it('is counted and named with the ways to have or to delete it, until there is an object', async () => {
    const world = createWorld()
    const { events, lines } = heard(world)
    world.twilio.sinks.set(SID, external({ description: marked(1) }))
    await world.start()
    expect(statusOf(world)?.sinks).toMatchObject({ total: 1, unowned: 1 })
    const { reason, message } = conditionOf(world, 'SinksUnowned') ?? {}
    expect(reason).toBe('ObjectGone')
    for (const part of [SID, 'spec.import.sid', 'sinks:remove --sid']) expect(message).toContain(part)
    expect(events('SinksUnowned').map(({ note }) => note)).toEqual([message])
    expect(lines('ObjectGone')).toMatchObject([{ level: 'warn' }])
    await poll(world)
    expect(events('SinksUnowned'), 'told once').toHaveLength(1)

    await world.apply(KEY, sinkObject())
    await poll(world)
    expect(conditionOf(world, 'SinksUnowned')).toBeUndefined()
    expect(statusOf(world)?.sinks).toMatchObject({ unowned: 0 })
  })

  it('is not called so while its object is there; where not all namespaces are watched, the words are careful', async () => {
    const world = createWorld()
    await world.start()
    await world.apply(KEY, sinkObject())
    await world.settle()
    await poll(world)
    expect(statusOf(world)?.sinks).toMatchObject({ owned: 1, unowned: 0 })
    const some = createWorld()
    Object.assign(some.s.settings, { watchesAll: false })
    some.twilio.sinks.set(SID, external({ description: marked(1) }))
    await some.start()
    expect(conditionOf(some, 'SinksUnowned')?.message).toContain('no Sink of another namespace has it')
  })
})

describe('the line about a Sink', () => {
  it('has the code of a create that Twilio has refused, and then the reason of the condition', async () => {
    const world = createWorld()
    const { reports } = heard(world)
    await world.start()
    const refusal = { kind: 'refused', code: 91000, status: 400, message: 'wrong' } as const
    world.twilio.failing.set('create', new TwilioFailure(refusal))
    await world.apply(KEY, sinkObject())
    await world.settle()
    expect(reports.find(({ effect }) => effect === 'create')?.failure).toMatchObject({ code: 91000 })
    expect(reports.at(-1)?.trouble).toMatchObject({
      condition: 'Ready',
      reason: 'CreateRefused',
      stalled: true,
    })
  })
})

describe('what is given up because the process ends', () => {
  const ENDING: FailureFacts = { kind: 'not-sent', message: 'This process ends', givenUp: true }

  it('is no failed poll: nothing is written, told or logged of it', async () => {
    const world = createWorld()
    await world.start()
    const { events, lines } = heard(world)
    const written = world.accounts.patches
    world.twilio.failing.set('list', new TwilioFailure(ENDING))
    for (let polls = 0; polls < 2; polls += 1) await poll(world)
    expect(world.accounts.patches).toBe(written)
    expect([...events('TwilioUnreachable'), ...lines('TwilioUnreachable')]).toEqual([])
  })

  it('of a journaled create records that it has ended, and nothing else', async () => {
    const world = createWorld()
    await world.start()
    const { reports } = heard(world)
    world.twilio.failing.set('create', new TwilioFailure(ENDING))
    await world.apply(KEY, sinkObject())
    await world.settle()
    const status = readable(world.s.sinks.get(KEY))?.status
    expect(status?.createAttempt, 'the next leader need not wait for it').toBe(1)
    expect(status?.conditions.some(({ type }) => type === 'Reconciling')).toBe(false)
    expect(reports.every(({ failure }) => failure === undefined)).toBe(true)
  })
})
