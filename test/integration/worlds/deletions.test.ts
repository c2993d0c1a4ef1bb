import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { condition } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { setWorld, spec, type LiveWorld } from './world.ts'

let world: LiveWorld

beforeAll(async () => {
  world = await setWorld({ name: 'deletions' })
})
afterAll(() => world?.end())

const admin = () => world.stage.simulator.admin
const FINALIZER = 'events.twilio.com/finalizer'
const OTHERS = ['example.com/first', 'example.com/second'] as const
/** Long enough for a look in between on a busy machine; milliseconds. */
const LAG = 5_000
const hasOurs = async (name: string) => (await world.look(name))?.metadata.finalizers?.includes(FINALIZER)

describe('an object that is deleted while it cannot be', () => {
  // C12
  test('says so in one kubectl get, also when it is suspended or its spec is wrong', async () => {
    await world.apply('paused', spec('paused'))
    await world.oneEach(['paused'])
    await world.patch('paused', { spec: { suspend: true } })
    await world.apply(
      'invalid',
      spec('invalid', { webhook: { destinationSecretRef: { name: 'none', key: 'k' } } }),
    )
    await world.see('says so', 'invalid', (object) => condition(object, 'Ready')?.reason === 'SecretMissing')
    for (const name of ['paused', 'invalid']) await world.remove(name)
    await world.gone('invalid')
    const row = await until('the reason in the row', async () => {
      const rows = await world.stage.kubectl(['get', 'sinks', 'paused', '-o', 'wide', '--no-headers'])
      return rows.includes('suspend') && rows
    })
    expect(row).toContain('Orphan')
    await world.patch('paused', { spec: { suspend: false } })
    await world.gone('paused')
  })
})

describe('an object whose sink is gone already', () => {
  // C13
  test.for([
    { when: 'before the deletion', before: true },
    { when: 'while the deletion waits', before: false },
  ])('is let go without a loop when the sink was removed by hand $when', async ({ before }) => {
    const name = before ? 'removed-before' : 'removed-while'
    await world.apply(name, spec(name))
    const [sid = ''] = await world.oneEach([name])
    await world.patch(name, { spec: { suspend: true } })
    await world.see(
      'is observed',
      name,
      ({ status, metadata }) => status.observedGeneration === metadata.generation,
    )
    if (before) await admin().deleteSink(sid)
    await world.remove(name)
    await world.see('waits', name, (object) => condition(object, 'DeletionBlocked') !== undefined)
    if (!before) await admin().deleteSink(sid)
    const since = await world.now()
    await world.patch(name, { spec: { suspend: false } })
    await world.gone(name)
    const asked = (await world.sent('DeleteSink', since)).filter((one) => one === sid)
    // One of each may be repeated when its answer came late; a loop makes many.
    expect(asked.length, 'DELETEs').toBeLessThanOrEqual(2)
    expect((await world.sent('FetchSink', since)).filter((one) => one === sid).length).toBeLessThanOrEqual(6)
  })

  // C14: what Twilio has accepted it may go on showing for a while.
  test('keeps its finalizer until a LIST shows that a DELETE that was accepted has taken effect', async () => {
    await world.apply('lagging', spec('lagging'))
    const [sid] = await world.oneEach(['lagging'])
    // Longer than the lag, which would else show the time before the sink was made.
    await sleep(LAG)
    await admin().change({ listLagMs: LAG })
    const since = await world.now()
    await world.remove('lagging')
    await until('Twilio has accepted it', async () =>
      (await world.sent('DeleteSink', since)).includes(sid ?? ''),
    )
    expect(await hasOurs('lagging')).toBe(true)
    await world.gone('lagging')
    const journal = await admin().journal(since)
    const accepted = journal.find(({ operation, status }) => operation === 'DeleteSink' && status === 204)
    const lists = journal.filter(
      ({ operation, startedAt }) => operation === 'ListSink' && startedAt >= (accepted?.endedAt ?? Infinity),
    )
    expect(lists.length, 'LISTs that began after the answer').toBeGreaterThan(0)
    await admin().change({ listLagMs: 0 })
  })
})

describe('our finalizer', () => {
  // C15, C3: whatever goes wrong in the clean-up.
  test.for([
    { fault: '500', rule: { kind: 'answer', status: 500 } },
    { fault: '403', rule: { kind: 'answer', status: 403, code: 70051 } },
    { fault: 'HTML', rule: { kind: 'answer', status: 404, body: 'html' } },
    { fault: 'an empty 404', rule: { kind: 'answer', status: 404, body: 'empty' } },
    { fault: 'half an answer', rule: { kind: 'halfJson', cut: true } },
    { fault: 'a reset', rule: { kind: 'reset', phase: 'before' } },
  ] as const)('stays when the look and the DELETE meet $fault', async ({ fault, rule }) => {
    const name = `meets-${fault.toLowerCase().replaceAll(' ', '-')}`
    await world.apply(name, spec(name))
    const [sid = ''] = await world.oneEach([name])
    const armed = await admin().addFault({ ...rule, match: { sid, operation: ['FetchSink', 'DeleteSink'] } })
    await world.remove(name)
    await until('it was met', async () =>
      (await admin().faults()).some(({ id, hits }) => id === armed.id && hits > 1),
    )
    expect(await hasOurs(name)).toBe(true)
    expect(await world.atTwilio(sid)).toBeDefined()
    await admin().removeFault(armed.id)
    await world.gone(name)
    expect(await world.atTwilio(sid)).toBeUndefined()
  })

  // C16
  test('comes and goes between those of others, who come and go at the same time', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `shared-${index}`)
    const put = (name: string, value: readonly string[]) =>
      world.stage.kubectl([
        'patch',
        'sink',
        name,
        '--type=merge',
        '-p',
        JSON.stringify({ metadata: { finalizers: value } }),
      ])
    const change = async (
      name: string,
      to: (before: readonly string[]) => readonly string[],
    ): Promise<void> => {
      for (let tries = 0; tries < 60; tries += 1) {
        const object = await world.look(name)
        const finalizers = to(object?.metadata.finalizers ?? [])
        const metadata = { resourceVersion: object?.metadata.resourceVersion, finalizers }
        if (
          await world.patch(name, { metadata }).then(
            () => true,
            () => false,
          )
        )
          return
        await sleep(50)
      }
      throw new Error(`${name} changed all the time`)
    }
    await Promise.all(
      names.map(async (name) => {
        await world.apply(name, spec(name))
        await change(name, (before) => [OTHERS[0], ...before])
        await change(name, (before) => [...before, OTHERS[1]])
      }),
    )
    await world.oneEach(names)
    for (const name of names)
      expect((await world.look(name))?.metadata.finalizers?.toSorted()).toEqual(
        [FINALIZER, ...OTHERS].toSorted(),
      )
    await Promise.all(
      names.map(async (name) => {
        await world.remove(name)
        await change(name, (before) => before.filter((one) => one !== OTHERS[0]))
      }),
    )
    for (const name of names)
      await until(`${name} is let go by us`, async () => (await hasOurs(name)) === false)
    for (const name of names) expect((await world.look(name))?.metadata.finalizers).toEqual([OTHERS[1]])
    for (const name of names) await put(name, [])
    for (const name of names) await world.gone(name)
  })
})
