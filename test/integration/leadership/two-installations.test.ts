import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../rigs/until.ts'
import { sink } from '../operator/stage.ts'
import { leads, openHouse, type House, type Replica } from './replicas.ts'

describe('two installations that look after the same objects', () => {
  let house: House
  let both: readonly Replica[]
  const names = Array.from({ length: 8 }, (_, index) => `shared-${index}`)

  beforeAll(async () => {
    house = await openHouse('two-installations')
    const elsewhere = `${house.namespace}-b`
    await house.cluster.createNamespace(elsewhere)
    // One Twilio for both: the simulator's answers hold the address that it was reached by.
    const twilio = { 'twilio-base-url': house.simulator.url, 'call-timeout': '2s', 'settle-time': '4s' }
    both = [await house.replica(twilio), await house.replica({ ...twilio, namespace: elsewhere })]
    for (const one of both) await leads(one)
  })
  afterAll(() => house.end())

  it('make each sink once', async () => {
    for (const name of names) await house.apply(sink(name))
    for (const name of names) await house.ready(name)
    const sinks = await house.simulator.admin.sinks()
    expect(sinks).toHaveLength(names.length)
  })

  it('say so, in a log line and a metric', async () => {
    const claims = async ({ operator }: Replica): Promise<number> => {
      const text = await (await fetch(operator.metricsUrl)).text()
      return Number(/^twilio_operator_foreign_claims_total (\d+)$/mu.exec(text)?.[1])
    }
    // The one that made a sink is seen by the other one, a moment later; a journal that was written too late to send is seen, too.
    await until('each claim is counted, and each operator that counts has said so once', async () => {
      const counted = await Promise.all(both.map(claims))
      const said = both.map(
        ({ operator }) => operator.log().match(/A second operator, of another namespace/gu)?.length ?? 0,
      )
      const all = counted.reduce((sum, one) => sum + one, 0) >= names.length
      return all && counted.every((count, index) => said[index] === (count === 0 ? 0 : 1))
    })
  })

  it('do not write against each other', async () => {
    let seen: readonly (readonly string[])[] = []
    await until('all is at rest', async () => {
      const marks = both.map((one) => one.mark())
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      seen = both.map((one, index) => one.changes(marks[index]).map(({ name, body }) => `${name} ${body}`))
      return seen.every((changes) => changes.length === 0)
    }).catch((error: unknown) => {
      throw new Error(`Still written:\n${seen.flat().join('\n')}`, { cause: error })
    })
  })

  it('delete each sink, and let each object go', async () => {
    await house.kubectl(['delete', 'sinks', '--all', '--timeout=120s'])
    expect(await house.simulator.admin.sinks()).toEqual([])
  })
})
