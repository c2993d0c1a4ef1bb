import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/time/clock.ts'
import { ClearSinksReader } from '../../../src/twilio/clear-sinks.ts'
import { startSimulator, type Simulator } from '../../rigs/simulator/simulator.ts'

const SID = `AC${'1'.repeat(32)}`
const KEY = `SK${'1'.repeat(32)}`
const CONFIGURATION = { destination: 'https://u:p@a.example.com/', method: 'post', batch_events: false }
let simulator: Simulator

beforeAll(async () => {
  simulator = await startSimulator({
    accounts: [{ sid: SID, authToken: 'token', keys: [{ sid: KEY, secret: 'secret' }] }],
    settings: { maxPageSize: 2 },
  })
  for (const name of ['a', 'b', 'c', 'd', 'e']) await post('Sinks', { Description: name, ...WEBHOOK })
})
afterAll(() => simulator.stop())

const WEBHOOK = { SinkType: 'webhook', SinkConfiguration: JSON.stringify(CONFIGURATION) }
async function post(kind: string, form: Record<string, string>): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${SID}:token`).toString('base64')}`
  const body = new URLSearchParams(form)
  const response = await fetch(`${simulator.url}/v1/${kind}`, {
    method: 'POST',
    headers: { authorization },
    body,
  })
  expect(response.status).toBe(201)
}

async function reading<T>(
  read: (reader: ClearSinksReader) => Promise<T>,
  credential = { username: SID, password: 'token' },
): Promise<T> {
  const chance = { clock: systemClock, random: Math.random }
  const options = { baseUrl: simulator.url, callTimeoutMs: 5_000, version: 'test', ...chance }
  const reader = new ClearSinksReader(options, credential)
  try {
    return await read(reader)
  } finally {
    await reader.close()
  }
}

describe('an account read for an export', () => {
  test('shows all sinks of all pages, with their configuration', async () => {
    const sinks = await reading((reader) => reader.sinks())
    expect(sinks.map(({ description }) => description)).toEqual(['a', 'b', 'c', 'd', 'e'])
    for (const { configuration, sinkType } of sinks)
      expect({ configuration, sinkType }).toEqual({ configuration: CONFIGURATION, sinkType: 'webhook' })
  })

  test('names the account that the key really belongs to, where a subscription tells', async () => {
    const none = await reading((reader) => reader.accountsOfSubscriptions())
    expect(none).toEqual(new Set())
    const [first] = await simulator.admin.sinks()
    const Types = '{"type":"com.twilio.messaging.message.sent","schema_version":1}'
    await post('Subscriptions', { Description: 'd', SinkSid: first?.sid ?? '', Types })
    expect(await reading((reader) => reader.accountsOfSubscriptions())).toEqual(new Set([SID]))
  })

  test('is read through a key that may not see subscriptions', async () => {
    await simulator.admin.changeCredential(KEY, { denied: ['ListSubscription'] })
    const key = { username: KEY, password: 'secret' }
    expect(await reading((reader) => reader.accountsOfSubscriptions(), key)).toBeUndefined()
    expect(await reading((reader) => reader.sinks(), key)).toHaveLength(5)
  })

  test('is not half read: a refused or broken list rejects', async () => {
    const wrong = { username: SID, password: 'Geheim' }
    await expect(reading((reader) => reader.sinks(), wrong)).rejects.toMatchObject({ kind: 'unauthorized' })
    await simulator.admin.addFault({
      kind: 'answer',
      status: 500,
      match: { operation: 'ListSink' },
      after: 1,
    })
    await expect(reading((reader) => reader.sinks())).rejects.toMatchObject({ kind: 'transient' })
  })
})
