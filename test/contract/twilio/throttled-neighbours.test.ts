import { setTimeout as wait } from 'node:timers/promises'
import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { withoutWorker } from '../../../src/controller/workers.ts'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { createControllers, type Controllers } from '../../../src/operator/controllers.ts'
import { OPERATOR_OPTIONS } from '../../../src/options/options.ts'
import { readOptions } from '../../../src/options/read-options.ts'
import type { TwilioAccountApi } from '../../../src/reconciler/ports.ts'
import { pause, systemClock, systemTimers } from '../../../src/time/clock.ts'
import { raw, startScriptedServer, json, type ScriptedServer } from '../../rigs/proxy/scripted-server.ts'
import { accountOf, CALLED_SINK, create, sinkBody, twilioAt } from './twilio-under-test.ts'

const HEALTHY = `AC${'f'.repeat(32)}`
const THROTTLED = Array.from({ length: 20 }, (_, index) => `AC${index.toString(16).padStart(32, '0')}`)
const SINKS_EACH = 40

const userOf = (authorization = ''): string =>
  Buffer.from(authorization.slice('Basic '.length), 'base64').toString().split(':', 1).join('')

/** 429 to everybody but one account: each call waits up to half a minute, and so do those behind it. */
function throttleAllBut(server: ScriptedServer, healthy: string): void {
  server.script((seen, response, socket) => {
    const throttled = userOf(seen.headers.authorization) !== healthy
    const answer = throttled ? raw(429, '', { 'retry-after': '20' }) : json(200, sinkBody())
    return answer(seen, response, socket)
  })
}

interface Side {
  readonly controllers: Controllers
  readonly reconciled: Set<string>
  readonly metricsText: () => Promise<string>
}

/** The operator's own queues and workers over the real client, each key `account/name` calling Twilio once. */
async function withWorkers(
  call: (api: TwilioAccountApi) => Promise<unknown>,
  use: (side: Side) => Promise<void>,
): Promise<void> {
  await using server = await startScriptedServer()
  throttleAllBut(server, HEALTHY)
  const under = twilioAt(server.url, { whileWaiting: withoutWorker, pause })
  const options = readOptions(OPERATOR_OPTIONS, [], {})
  if (options.ok !== true) throw new Error('wrong options')
  const metrics = createMetrics({ version: '', nodeVersion: '' })
  const groupOf = (key: string): string => key.split('/', 1).join('')
  const controllers = createControllers(options.options, {
    metrics,
    log: pino({ level: 'silent' }),
    groupOf,
    time: { clock: systemClock, timers: systemTimers, random: Math.random },
  })
  const apis = new Map(
    [...THROTTLED, HEALTHY].map((sid) => [
      sid,
      under.twilio.connect(accountOf(sid, sid), { username: sid, password: 'secret' }),
    ]),
  )
  const reconciled = new Set<string>()
  const reconcile = async (key: string) => {
    const api = apis.get(groupOf(key))
    if (api === undefined) throw new Error(`no account for ${key}`)
    await call(api).then(
      () => reconciled.add(key),
      () => undefined,
    )
    return { kind: 'change' as const }
  }
  const stop = new AbortController()
  const running = [controllers.sinks, controllers.accounts].map((one) => one.run(reconcile, stop.signal))
  try {
    await use({ controllers, reconciled, metricsText: () => metrics.text() })
  } finally {
    stop.abort()
    await under.twilio.close()
    await Promise.all(running)
  }
}

async function secondsUntil(done: () => boolean): Promise<number> {
  const began = performance.now()
  while (!done() && performance.now() - began < 10_000) await wait(5)
  return (performance.now() - began) / 1000
}

describe('while 20 accounts are throttled', () => {
  it.each([
    { what: 'a create', call: (api: TwilioAccountApi) => create(api) },
    { what: 'a look', call: (api: TwilioAccountApi) => api.fetchSink(CALLED_SINK) },
  ])('$what for a Sink of a healthy account takes less than a second', async ({ call }) => {
    await withWorkers(call, async ({ controllers, reconciled, metricsText }) => {
      for (const sid of THROTTLED)
        for (let number = 0; number < SINKS_EACH; number += 1)
          controllers.sinks.queue.add(`${sid}/sink-${number}`)
      await wait(500)
      const seconds: number[] = []
      for (const number of [1, 2, 3]) {
        const key = `${HEALTHY}/sink-${number}`
        controllers.sinks.queue.add(key)
        seconds.push(await secondsUntil(() => reconciled.has(key)))
      }
      // The middle one: others share the machine.
      expect(seconds.sort((a, b) => a - b)[1]).toBeLessThan(1)
      // The others wait, each in its turn, and hold no worker.
      const { unfinishedWorkSeconds, depth } = controllers.sinks.queue.gauges()
      expect(unfinishedWorkSeconds).toBeGreaterThan(20)
      expect(depth.high).toBeGreaterThan(0)
      expect(await metricsText()).toContain('controller_runtime_active_workers{controller="sink"} 0')
    })
  })

  it('the LIST of a healthy account takes less than a second', async () => {
    const list = (api: TwilioAccountApi): Promise<unknown> => api.fetchSink(CALLED_SINK)
    await withWorkers(list, async ({ controllers, reconciled }) => {
      for (const sid of THROTTLED) controllers.accounts.queue.add(`${sid}/account`)
      await wait(500)
      const key = `${HEALTHY}/account`
      controllers.accounts.queue.add(key)
      expect(await secondsUntil(() => reconciled.has(key))).toBeLessThan(1)
    })
  })
})
