import { afterAll, beforeAll, expect, test } from 'vitest'
import { condition } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { SECRET_LABEL } from '../../../src/api/group.ts'
import { giveAccount, ready, readyReason, setStage, sink, type Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await setStage({ name: 'label', account: false, flags: { 'require-secret-label': 'true' } })
  await giveAccount(stage)
})
afterAll(() => stage?.end())

const label = (name: string, value: string) =>
  stage.kubectl(['label', 'secret', name, '--overwrite', `${SECRET_LABEL}=${value}`])
const takingKeyFrom = (name: string, key: string) => ({ segment: { writeKeySecretRef: { name, key } } })
const creates = async () =>
  (await stage.simulator.admin.journal()).filter(({ operation }) => operation === 'CreateSink')

test('credentials without the label are not used, until somebody says what they are for', async () => {
  const account = () => stage.get('twilioaccounts', 'default')
  const told = await until('the account says what is missing', async () => {
    const seen = condition(await account(), 'Ready')
    return seen?.reason === 'SecretMissing' && seen
  })
  expect(told.message).toContain(`label secret twilio ${SECRET_LABEL}=twilioaccounts`)
  await label('twilio', 'twilioaccounts')
  await until('the account is ready', async () => condition(await account(), 'Ready')?.status === 'True')
})

test('a Sink cannot send a Secret that is not labelled for Sinks, and learns as little as of one that is not there', async () => {
  await stage.kubectl(['create', 'secret', 'generic', 'database', '--from-literal=password=canary-of-others'])
  const names = { database: 'password', twilio: 'TWILIO_AUTH_TOKEN', absent: 'password' }
  const told: string[] = []
  for (const [name, key] of Object.entries(names)) {
    await stage.apply(sink(`of-${name}`, takingKeyFrom(name, key)))
    const waiting = await readyReason(stage, `of-${name}`, 'SecretMissing')
    told.push(condition(waiting, 'Ready')?.message.replaceAll(`ecret ${name} `, 'ecret NAME ') ?? '')
  }
  expect(new Set(told).size, told.join('\n')).toBe(1)
  expect(await creates()).toEqual([])
  await label('database', 'sinks')
  await ready(stage, 'of-database')
  expect(await creates()).toHaveLength(1)
  expect(stage.operator().log()).not.toContain('canary-of-others')
})

test('a sink lives on when the label of its Secret goes: what Twilio has got is not taken back', async () => {
  const { status } = await ready(stage, 'of-database')
  await stage.kubectl(['label', 'secret', 'database', `${SECRET_LABEL}-`])
  const since = (await stage.simulator.admin.journal()).at(-1)?.sequence ?? 0
  await until('it was looked at since', async () => {
    const calls = await stage.simulator.admin.journal(since)
    return calls.filter(({ operation }) => operation === 'ListSink').length > 2
  })
  expect((await stage.get('sinks', 'of-database'))?.status.sid).toBe(status.sid)
  expect(await stage.simulator.admin.sink(status.sid ?? '')).toBeDefined()
  expect(await creates()).toHaveLength(1)
})
