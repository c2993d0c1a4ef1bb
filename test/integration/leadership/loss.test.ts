import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../../rigs/until.ts'
import { sink } from '../operator/stage.ts'
import {
  leads,
  LEASE_DURATION,
  LET_IN,
  openHouse,
  RENEW_DEADLINE,
  type House,
  type Replica,
} from './replicas.ts'

const AFTER_LOSS = 5_000
/** What a machine with much else to do may take to end a process; milliseconds. */
const EXIT = 2_000
const seconds = (ms: number): string => (ms / 1000).toFixed(1)

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
    const { first, second } = await two('looked', { 'call-timeout': '60s', 'settle-time': '120s' })
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
    const times = { 'lease-duration': '30s', 'renew-deadline': '24s', 'retry-period': '1s' }
    const { first, second } = await two('stalled', times)
    first.freeze()
    await new Promise((resolve) => setTimeout(resolve, 13_000))
    first.thaw()
    const { code, took } = await endOf(first)
    expect(code).toBe(1)
    expect(took).toBeLessThan(AFTER_LOSS)
    expect(first.operator.log()).toContain('stood still for more than half of --renew-deadline')
    // It has stepped down, since nothing of it ran any more: nobody waits for the rest of the lease.
    expect(await leads(second)).toBeLessThan(LET_IN)
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
    const cut = performance.now()
    await until('it leads no longer', async () => !(await first.isLeading().catch(() => false)))
    const led = performance.now() - cut
    // Not at the first request that fails, and before another one may.
    expect(led).toBeGreaterThan(RENEW_DEADLINE / 2)
    expect(led).toBeLessThan(LEASE_DURATION)
    const { code, took } = await endOf(first, AFTER_LOSS + EXIT)
    console.log(
      `unreachable: led for ${seconds(led)} s, with a renew deadline of 8 s; ended ${seconds(took)} s later`,
    )
    expect(code).toBe(1)
    // What hangs is waited for until the end of its time.
    expect(took).toBeLessThan(AFTER_LOSS + EXIT)
    await leads(second)
    await house.apply(sink('after'))
    await house.ready('after')
    expect(await house.simulator.admin.sinks()).toHaveLength(2)
  })

  it('ends when the lease names another, who is waited for', async () => {
    const { first, second } = await two('taken')
    const patched = performance.now()
    await house.kubectl([
      ...['patch', 'lease', 'twilio-sink-operator', '--type=merge'],
      ...['-p', '{"spec":{"holderIdentity":"somebody","leaseDurationSeconds":6}}'],
    ])
    const { code } = await endOf(first)
    expect(code).toBe(1)
    expect(first.operator.log()).toContain('the Lease names another holder')
    await leads(second)
    expect(performance.now() - patched).toBeGreaterThan(5_500)
  })

  it('lets a create under way finish, and records it', async () => {
    const { first, second } = await two('under-way', { 'call-timeout': '15s', 'settle-time': '30s' })
    const answer = first.proxy.onRequest({
      match: { name: 'twilio:CREATE:Sinks' },
      action: { kind: 'hold', phase: 'after' },
    })
    await house.apply(sink('slow'))
    await answer.struck
    await house.kubectl([
      ...['patch', 'lease', 'twilio-sink-operator', '--type=merge'],
      ...['-p', '{"spec":{"holderIdentity":""}}'],
    ])
    await until('it has noticed', async () => !(await first.isLeading().catch(() => false)))
    answer.release()
    expect((await endOf(first)).code).toBe(1)
    const records = first.proxy.log().filter(({ name }) => name === 'kubernetes:PATCH:sinks.status')
    expect(records.at(-1)?.body).toContain('"sid"')
    await leads(second)
    await house.ready('slow')
    expect(await house.simulator.admin.sinks()).toHaveLength(1)
  })
})
