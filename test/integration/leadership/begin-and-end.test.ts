import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../../rigs/until.ts'
import { sink } from '../operator/stage.ts'
import { leads, LET_IN, openHouse, type House } from './replicas.ts'

/** While the last reconcile of a replica that is asked to stop waits for its answer. */
const RENEWALS = 4

describe('a replica that is asked to stop', () => {
  let house: House
  afterEach(() => house.end())

  it('lets the lease go only when its last pass has ended, and renews it until then', async () => {
    house = await openHouse('stopping')
    const flags = { 'call-timeout': '15s', 'settle-time': '30s' }
    const first = await house.replica(flags)
    await leads(first)
    const second = await house.replica(flags)
    const answer = first.proxy.onRequest({
      match: { name: 'twilio:CREATE:Sinks' },
      action: { kind: 'hold', phase: 'after' },
    })
    await house.apply(sink('slow'))
    await answer.struck
    const mark = first.mark()
    const renewed = first.proxy.log().filter(({ name }) => name === 'kubernetes:PATCH:leases').length
    const ended = first.operator.stop()
    await until('it is not ready any more', async () => {
      const { status } = await fetch(`${first.operator.healthUrl}/readyz`)
      return status === 503
    })
    expect((await fetch(`${first.operator.healthUrl}/healthz`)).status).toBe(200)
    const renewedSince = () =>
      first.proxy.log().filter(({ name }) => name === 'kubernetes:PATCH:leases').length - renewed
    await until('it goes on renewing', async () => renewedSince() >= RENEWALS)
    answer.release()
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
    expect(renewals.length).toBeGreaterThanOrEqual(RENEWALS)
    // Afterwards come last words only: nothing that a leader does.
    const later = after
      .slice(released + 1)
      .filter(({ method, name }) => method !== 'GET' && !name.endsWith(':events'))
    expect(later).toEqual([])
    expect(await leads(second)).toBeLessThan(LET_IN)
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
    expect(performance.now() - began).toBeLessThan(LET_IN)
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
