import { afterAll, beforeAll, expect, it } from 'vitest'
import { condition, type SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { ready, readyReason } from '../operator/stage.ts'
import { now, setHoldsStage, since, wait, type HoldsStage } from './holds-stage.ts'

let stage: HoldsStage
beforeAll(async () => {
  stage = await setHoldsStage('mass')
})
afterAll(() => stage.end())

async function withSinks(name: string, count: number): Promise<{ account: string; made: SinkObject[] }> {
  const account = await stage.accountAtTwilio()
  await stage.account(name, account, await stage.keyOf(account))
  return { account, made: await stage.sinks(name, count) }
}

const lose = (sinks: readonly SinkObject[]) =>
  Promise.all(sinks.map(({ status }) => stage.simulator.admin.deleteSink(status.sid ?? '')))

const remade = (sinks: readonly SinkObject[]) =>
  Promise.all(
    sinks.map(({ metadata, status }) =>
      until(`${metadata.name} has a new sink`, async () => {
        const object = await ready(stage, metadata.name)
        return object.status.sid !== status.sid && object
      }),
    ),
  )

const messageOf = async (name: string) =>
  condition(await stage.get('twilioaccounts', name), 'ChangesHeld')?.message

it('holds when half of the sinks were deleted by hand; a release covers those and none that goes missing later', async () => {
  const { account, made } = await withSinks('main', 20)
  const [lost, later, rest] = [made.slice(0, 10), made.slice(10, 15), made.slice(15)]
  await lose(lost)
  await stage.held('main', 'MassDisappearance')
  await readyReason(stage, 'main-1', 'ChangesHeld')
  await until('a metric says so', async () =>
    (await (await fetch(stage.operator().metricsUrl)).text()).includes(
      `twilio_account_changes_held{account="${stage.namespace}/main"} 1`,
    ),
  )
  await wait()
  expect(await stage.creates()).toBe(20)
  // Only now: the first LIST may have come when some were still there.
  const held = await stage.held('main', 'MassDisappearance')

  await stage.allow('main', 'yes please')
  await until('it says that this is no time', async () => (await messageOf('main'))?.includes('RFC 3339'))
  await stage.allow('main', '2026-01-01T00:00:00Z')
  await until('it says that this was before', async () => (await messageOf('main'))?.includes('not after'))

  await stage.operator().kill()
  await stage.restart()
  await wait()
  const after = await stage.held('main', 'MassDisappearance')
  expect(since(after, 'ChangesHeld')).toBe(since(held, 'ChangesHeld'))
  expect(after.status.held).toEqual(held.status.held)
  expect(await stage.creates()).toBe(20)

  await stage.allow('main', now())
  await stage.held('main', undefined)
  // The release outlives the process that saw it; what vanishes now is not covered by it.
  await stage.operator().kill()
  await lose(later)
  await stage.restart()
  await stage.held('main', 'MassDisappearance')
  await Promise.all(later.map(({ metadata }) => readyReason(stage, metadata.name, 'ChangesHeld')))
  await wait()
  expect((await messageOf('main'))?.includes('not after')).toBe(true)
  expect((await stage.atTwilio(account)).length).toBeLessThanOrEqual(15)

  await stage.allow('main', now())
  await stage.held('main', undefined)
  await remade([...lost, ...later])
  const kept = await Promise.all(rest.map(({ metadata }) => ready(stage, metadata.name)))
  expect(kept.map(({ status }) => status.sid)).toEqual(rest.map(({ status }) => status.sid))
  expect(await stage.atTwilio(account)).toHaveLength(20)
})

it('holds at the first LIST of a new process, too', async () => {
  const { account, made } = await withSinks('away', 6)
  const before = await stage.creates()
  await stage.operator().stop()
  await lose(made.slice(0, 5))
  await stage.restart()
  await stage.held('away', 'MassDisappearance')
  await wait()
  expect(await stage.creates()).toBe(before)
  expect(await stage.atTwilio(account)).toHaveLength(1)
})

it('makes four at once again by itself, since each of them is proven to be gone', async () => {
  const { account, made } = await withSinks('few', 6)
  await lose(made.slice(0, 4))
  await remade(made.slice(0, 4))
  expect(await stage.atTwilio(account)).toHaveLength(6)
})
