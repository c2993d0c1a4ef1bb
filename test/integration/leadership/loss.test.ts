import { afterEach, describe, expect, it } from 'vitest'
import { sink, until } from '../operator/stage.ts'
import { leads, openHouse, type House, type Replica } from './replicas.ts'

const AFTER_LOSS = 5_000

describe('a leader that loses the lease', () => {
  let house: House
  afterEach(() => house.end())

  /** One that leads and one that waits, in a house of their own. */
  const two = async (name: string, flags: Readonly<Record<string, string>> = {}) => {
    house = await openHouse(name)
    const first = await house.replica(flags)
    await leads(first)
    const second = await house.replica(flags)
    return { first, second }
  }

  /** Resolves to the exit code and how long it took; null when it did not end within a second more than it may. */
  const endOf = async ({ operator }: Replica, within = AFTER_LOSS) => {
    const began = performance.now()
    const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), within + 1_000))
    const code = await Promise.race([operator.ended, late])
    return { code, took: performance.now() - began }
  }

  it('changes nothing at Twilio when it goes on after it was frozen for longer than the lease', async () => {
    const { first, second } = await two('frozen')
    const names = Array.from({ length: 5 }, (_, index) => `frozen-${index}`)
    // Frozen with the claim made and the create not yet sent, which is the first thing it would do afterwards.
    const claim = first.proxy.onRequest({
      match: { name: 'kubernetes:PATCH:sinks' },
      times: names.length,
      action: { kind: 'note' },
      then: () => first.freeze(),
    })
    for (const name of names) await house.apply(sink(name))
    await claim.struck
    await leads(second)
    for (const name of names) await house.ready(name)
    const mark = first.mark()
    const before = performance.now()
    first.thaw()
    const { code, took } = await endOf(first)
    expect(first.twilioCalls(mark).filter(({ method }) => method !== 'GET')).toEqual([])
    expect(code).toBe(1)
    expect(took).toBeLessThan(AFTER_LOSS)
    console.log(`frozen: ended ${(performance.now() - before).toFixed(0)} ms after it went on`)
    expect(await house.simulator.admin.sinks()).toHaveLength(names.length)
    const statistics = await house.simulator.admin.journal()
    expect(statistics.filter(({ operation }) => operation === 'CreateSink')).toHaveLength(names.length)
  })

  it('does not finish what it had looked at before it was frozen, though no call of it was too late', async () => {
    const { first, second } = await two('looked', { 'call-timeout': '30s', 'settle-time': '60s' })
    const names = Array.from({ length: 4 }, (_, index) => `looked-${index}`)
    for (const name of names) await house.apply(sink(name))
    for (const name of names) await house.ready(name)
    const look = first.proxy.onRequest({
      match: { name: 'twilio:FETCH:Sinks' },
      times: names.length,
      action: { kind: 'note' },
      then: () => first.freeze(),
    })
    for (const name of names) await house.apply(sink(name, { description: `New words for ${name}` }))
    await look.struck
    await leads(second)
    await until('the new leader has brought the new words', async () => {
      const sinks = await house.simulator.admin.sinks()
      return sinks.every(({ description }) => description.startsWith('New words'))
    })
    const mark = first.mark()
    first.thaw()
    const { code, took } = await endOf(first)
    expect(first.twilioCalls(mark).filter(({ method }) => method !== 'GET')).toEqual([])
    expect(code).toBe(1)
    expect(took).toBeLessThan(AFTER_LOSS)
  })

  it('ends by itself when it stood still for more than half of the renew deadline', async () => {
    const times = { 'lease-duration': '12s', 'renew-deadline': '9s', 'retry-period': '1s' }
    const { first, second } = await two('stalled', times)
    first.freeze()
    await new Promise((resolve) => setTimeout(resolve, 5_500))
    first.thaw()
    const { code, took } = await endOf(first)
    expect(code).toBe(1)
    expect(took).toBeLessThan(AFTER_LOSS)
    expect(first.operator.log()).toContain('stood still for more than half of --renew-deadline')
    // It has let go, since nothing of it ran any more: nobody waits for the rest of the lease.
    expect(await leads(second)).toBeLessThan(2_000)
  })

  it('ends when the API server can no longer be reached, and another takes over', async () => {
    const { first, second } = await two('unreachable')
    await house.apply(sink('before'))
    await house.ready('before')
    first.proxy.onLine({ match: {}, times: 1_000, action: { kind: 'freeze' } })
    first.proxy.onRequest({
      match: { when: ({ side }) => side === 'kubernetes' },
      times: 10_000,
      action: { kind: 'swallow', phase: 'before' },
    })
    const { code, took } = await endOf(first, 2_600 + AFTER_LOSS)
    console.log(`unreachable: ended after ${(took / 1000).toFixed(1)} s, with a renew deadline of 2.6 s`)
    expect(code).toBe(1)
    expect(took).toBeGreaterThan(1_500)
    expect(took).toBeLessThan(2_600 + AFTER_LOSS)
    await leads(second)
    await house.apply(sink('after'))
    await house.ready('after')
    expect(await house.simulator.admin.sinks()).toHaveLength(2)
  })

  it('ends when the lease names another, who is waited for', async () => {
    const { first, second } = await two('taken')
    await house.kubectl([
      ...['patch', 'lease', 'twilio-sink-operator', '--type=merge'],
      ...['-p', '{"spec":{"holderIdentity":"somebody","leaseDurationSeconds":6}}'],
    ])
    const patched = performance.now()
    const { code } = await endOf(first)
    expect(code).toBe(1)
    expect(first.operator.log()).toContain('the Lease names another holder')
    await leads(second)
    expect(performance.now() - patched).toBeGreaterThan(5_500)
  })

  it('lets a create under way finish, and records it', async () => {
    const { first, second } = await two('under-way', { 'call-timeout': '3s', 'settle-time': '6s' })
    const answer = first.proxy.onRequest({
      match: { name: 'twilio:CREATE:Sinks' },
      action: { kind: 'delay', phase: 'after', ms: 1_500 },
    })
    await house.apply(sink('slow'))
    await answer.struck
    await house.kubectl([
      ...['patch', 'lease', 'twilio-sink-operator', '--type=merge'],
      ...['-p', '{"spec":{"holderIdentity":""}}'],
    ])
    expect((await endOf(first)).code).toBe(1)
    const records = first.proxy.log().filter(({ name }) => name === 'kubernetes:PATCH:sinks.status')
    expect(records.at(-1)?.body).toContain('"sid"')
    await leads(second)
    await house.ready('slow')
    expect(await house.simulator.admin.sinks()).toHaveLength(1)
  })
})

describe('a replica that is asked to stop', () => {
  let house: House
  afterEach(() => house.end())

  it('lets the lease go only when its last pass has ended, and renews it until then', async () => {
    house = await openHouse('stopping')
    const flags = { 'call-timeout': '6s', 'settle-time': '12s' }
    const first = await house.replica(flags)
    await leads(first)
    const second = await house.replica(flags)
    const answer = first.proxy.onRequest({
      match: { name: 'twilio:CREATE:Sinks' },
      action: { kind: 'delay', phase: 'after', ms: 4_500 },
    })
    await house.apply(sink('slow'))
    await answer.struck
    const mark = first.mark()
    const ended = first.operator.stop()
    await until('it is not ready any more', async () => {
      const { status } = await fetch(`${first.operator.healthUrl}/readyz`)
      return status === 503
    })
    expect((await fetch(`${first.operator.healthUrl}/healthz`)).status).toBe(200)
    expect(await ended).toBe(0)
    const after = first.proxy.log().slice(mark)
    const at = (what: (one: (typeof after)[number]) => boolean): number => after.findIndex(what)
    const recorded = at(
      ({ name, body }) => name === 'kubernetes:PATCH:sinks.status' && body.includes('"sid"'),
    )
    const released = at(({ name, body }) => name.endsWith(':leases') && body.includes('"holderIdentity":""'))
    expect(recorded).toBeGreaterThanOrEqual(0)
    expect(released).toBeGreaterThan(recorded)
    const renewals = after.slice(0, recorded).filter(({ name }) => name === 'kubernetes:PATCH:leases')
    expect(renewals.length).toBeGreaterThan(4)
    // Afterwards come last words only: nothing that a leader does.
    const later = after
      .slice(released + 1)
      .filter(({ method, name }) => method !== 'GET' && !name.endsWith(':events'))
    expect(later).toEqual([])
    expect(await leads(second)).toBeLessThan(2_000)
    await house.ready('slow')
    expect(await house.simulator.admin.sinks()).toHaveLength(1)
  })

  it('ends at once and leaves the lease alone when it only waits', async () => {
    house = await openHouse('waiting')
    const first = await house.replica()
    await leads(first)
    const second = await house.replica()
    const began = performance.now()
    expect(await second.operator.stop()).toBe(0)
    expect(performance.now() - began).toBeLessThan(2_000)
    expect(await first.isLeading()).toBe(true)
    expect(
      second.proxy.log().filter(({ method, name }) => method !== 'GET' && name.endsWith(':leases')),
    ).toEqual([])
  })
})

describe('replicas that start together', () => {
  let house: House
  afterEach(() => house.end())

  it('have one leader, and the other does nothing', async () => {
    house = await openHouse('together')
    const replicas = await Promise.all([house.replica(), house.replica()])
    await until('one leads', async () =>
      (await Promise.all(replicas.map((one) => one.isLeading()))).includes(true),
    )
    await house.apply(sink('one'))
    await house.ready('one')
    const leading = await Promise.all(replicas.map((one) => one.isLeading()))
    expect(leading.filter((leads) => leads)).toHaveLength(1)
    const standby = replicas[leading.indexOf(false)]
    expect(standby?.twilioCalls()).toEqual([])
    expect(standby?.changes()).toEqual([])
  })
})
