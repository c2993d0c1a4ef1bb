import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../rigs/until.ts'
import { BUNDLE } from '../../rigs/control-plane/bundle.ts'
import { ready, readyReason, setStage, sink, type Stage } from './stage.ts'

/** Of the stages here, milliseconds. */
const POLL = 1_000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('wrong credentials', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await setStage({
      name: 'credentials',
      account: false,
      flags: { 'poll-interval': `${POLL}ms`, 'call-timeout': '5s', 'settle-time': '10s' },
    })
  })
  afterAll(() => stage.end())

  it('cost one failing call per poll and account, not one per Sink, and heal without a restart', async () => {
    await stage.kubectl([
      'create',
      'secret',
      'generic',
      'twilio',
      '--from-literal=TWILIO_AUTH_TOKEN=canary-wrong',
    ])
    await stage.apply({
      apiVersion: 'events.twilio.com/v1alpha1',
      kind: 'TwilioAccount',
      metadata: { name: 'default' },
      spec: { accountSid: stage.accountSid, credentialsSecretRef: { name: 'twilio' } },
    })
    const names = Array.from({ length: 10 }, (_, index) => `many-${index}`)
    for (const name of names) await stage.apply(sink(name))
    for (const name of names) await readyReason(stage, name, 'AccountNotReady')
    const from = (await stage.simulator.admin.journal()).at(-1)?.sequence ?? 0
    const calls = await until('six polls', async () => {
      const all = await stage.simulator.admin.journal(from)
      return all.filter(({ operation }) => operation === 'ListSink').length >= 6 && all
    })
    const lists = calls.filter(({ operation }) => operation === 'ListSink')
    const took = (lists.at(-1)?.startedAt ?? 0) - (lists[0]?.startedAt ?? 0)
    // A poll may come a tenth early, and one that was late may be followed by one in time.
    expect(took).toBeGreaterThanOrEqual((lists.length - 2) * 0.9 * POLL)
    expect(calls.filter(({ operation }) => !operation.startsWith('List')).length).toBe(0)
    await stage.kubectl([
      'patch',
      'secret',
      'twilio',
      '--type=merge',
      '-p',
      JSON.stringify({ stringData: { TWILIO_AUTH_TOKEN: stage.token } }),
    ])
    for (const name of names) await ready(stage, name)
  })
})

describe('what Twilio refuses', () => {
  let stage: Stage
  beforeAll(async () => {
    // A Sink that Twilio is not reached for says so, and is written for that.
    stage = await setStage({
      name: 'refusals',
      flags: { 'poll-interval': '5s', 'call-timeout': '2s', 'settle-time': '4s' },
    })
  })
  afterAll(() => stage.end())

  it('is not asked for again after a restart, and others are not affected', async () => {
    const creates = async () =>
      (await stage.simulator.admin.journal()).filter(({ operation }) => operation === 'CreateSink').length
    await stage.simulator.admin.addFault({
      kind: 'answer',
      status: 400,
      code: 91000,
      match: { operation: 'CreateSink' },
    })
    await stage.apply(sink('refused'))
    const before = await readyReason(stage, 'refused', 'CreateRefused')
    expect(await creates()).toBe(1)
    await stage.operator().kill()
    await stage.restart()
    await pause(6_500)
    expect(await creates()).toBe(1)
    const after = await readyReason(stage, 'refused', 'CreateRefused')
    expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion)
    await stage.simulator.admin.clearFaults()
    await stage.apply(sink('fine'))
    await ready(stage, 'fine')
  })

  it('and then heals at once when a person corrects the spec', async () => {
    await stage.kubectl([
      'patch',
      'sink',
      'refused',
      '--type=merge',
      '-p',
      '{"spec":{"description":"better"}}',
    ])
    await ready(stage, 'refused')
  })
})

describe('a wrong option or command', () => {
  it.each([
    [['--poll-interval', 'soon'], '--poll-interval'],
    [['run', '--poll-interval', 'soon'], '--poll-interval'],
    [['serve'], 'run'],
  ])('%j ends the start with one line and exit code 2', async (argv, named) => {
    const child = spawn(process.execPath, [BUNDLE, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] })
    const [[code], err] = await Promise.all([once(child, 'exit'), text(child.stderr)])
    expect(code).toBe(2)
    expect(err.trim().split('\n')).toHaveLength(1)
    expect(err).toContain(named)
  })
})
