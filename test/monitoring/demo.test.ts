import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMetrics } from '../../src/observability/metrics.ts'
import { DEMO_NAMESPACE } from '../demo/kubectl.ts'
import { perform } from '../demo/perform.ts'
import { SCENARIO } from '../demo/scenario.ts'
import { openTheatre, type Theatre } from '../demo/stage.ts'
import { createTimeline } from '../demo/timeline.ts'
import { API_KEY, DEMO_ACCOUNT_SID } from '../demo/twilio-library.ts'
import { whyMissing } from '../rigs/control-plane/optional-program.ts'
import { until } from '../rigs/until.ts'
import { filledIn, panels, type Panel } from './dashboard.ts'
import { pictureOf } from './picture.ts'
import { startPrometheus, type Prometheus, type Span } from './prometheus.ts'

/** The demo, with a real Prometheus that scrapes the operator as docs/monitoring.md tells people to. */

const missing = await whyMissing('prometheus')
if (missing !== undefined) console.warn(`The dashboard is not tested. ${missing}`)

const ROOT = new URL('../../', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, ROOT), 'utf8')

/** As they are delivered, for people with less patience. */
const RULES = read('integrations/prometheus/alerts.yaml')
  .replaceAll(/^( +for:) \S+$/gmu, '$1 2s')
  .replace(
    'twilio_sink_oldest_blocked_deletion_seconds) > 3600',
    'twilio_sink_oldest_blocked_deletion_seconds) > 3',
  )

/** Of all that is shown below. */
const span: { from: number; to: number; step: number } = { from: 0, to: 0, step: 2 }
const printed: string[] = []
const stop = new AbortController()
let theatre: Theatre
let prometheus: Prometheus

const now = (): number => Math.floor(Date.now() / 1000)

beforeAll(async () => {
  if (missing !== undefined) return
  process.env['NO_PROXY'] = process.env['no_proxy'] = '127.0.0.1'
  theatre = await openTheatre(
    createTimeline((line) => printed.push(line), performance.now()),
    stop,
  )
  prometheus = await startPrometheus({ metricsUrl: theatre.addresses.metricsUrl, rules: RULES })
  theatre.stage.operator.start()
  span.from = await until('the operator has been scraped', async () => {
    const lines = await prometheus.query('twilio_operator_build_info', {
      from: now() - 1,
      to: now(),
      step: 1,
    })
    return lines.length > 0 && now()
  })
  expect(await perform(SCENARIO, theatre.stage, stop.signal), printed.join('\n')).toBe(true)
  await deleteSlowly()
  span.to = now()
})
afterAll(async () => {
  await prometheus?.stop()
  await theatre?.end()
})

/** In the demo a deletion waits for a moment, and the operator is killed soon after it: perhaps before it is scraped. */
async function deleteSlowly(): Promise<void> {
  const { kubectl } = theatre.stage
  const { subscription } = await useSink('marketing')
  await kubectl.run('delete', 'sink', 'marketing', '--wait=false')
  await scraped('twilio_sink_oldest_blocked_deletion_seconds')
  await theatre.stage.twilio.subscriptions(subscription).remove()
  await scraped('twilio_sink_deletion_seconds_count > 0')
}

/** As often as a picture needs. */
const scraped = (expr: string) =>
  until(`${expr} has been scraped`, async () => {
    const lines = await prometheus.query(expr, { ...span, to: now() })
    return lines.some(({ points }) => points.length > 2)
  })

/** A subscription that uses the sink. */
async function useSink(name: string): Promise<{ readonly sid: string; readonly subscription: string }> {
  const { kubectl, twilio } = theatre.stage
  const sid = (await kubectl.sink(name))?.status.sid ?? ''
  const types = [{ type: 'com.twilio.messaging.message.sent', schema_version: 1 }]
  const made = await twilio.subscriptions.create({ description: name, sinkSid: sid, types })
  return { sid, subscription: made.sid }
}

/** The commands of a runbook. */
function commandsFor(alert: string): readonly string[] {
  const section = read('docs/monitoring.md')
    .split(/^(?=#{2,3} )/gmu)
    .find((text) => text.startsWith(`### ${alert}\n`))
  return [...(section ?? '').matchAll(/^```sh\n([^]*?)^```/gmu)].map(([, commands = '']) => commands)
}

/** What a person types who reads the runbook; resolves with what is printed. */
async function type(commands: string | undefined, words: Readonly<Record<string, string>>): Promise<string> {
  const { kubectlPath, kubeconfigPath, folder } = theatre.addresses.controlPlane
  const filled = Object.entries({ NAMESPACE: DEMO_NAMESPACE, ...words }).reduce(
    (text, [word, value]) => text.replaceAll(new RegExp(`\\b${word}\\b`, 'gu'), value),
    commands ?? 'false',
  )
  const PATH = [dirname(kubectlPath), process.env['PATH']].join(delimiter)
  const env = { PATH, KUBECONFIG: kubeconfigPath, HOME: folder }
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', filled], { env })
  return stdout
}

const firing = async (alert: string) =>
  (await prometheus.firing()).find(({ alertname }) => alertname === alert)
const fires = (alert: string) => until(`${alert} fires`, () => firing(alert), 60_000)
const ends = (alert: string) =>
  until(`${alert} has ended`, async () => (await firing(alert)) === undefined, 60_000)

describe.skipIf(missing !== undefined)('a real Prometheus beside the demo', () => {
  test('has every metric of docs/metrics.md from the operator', async () => {
    const names = createMetrics({ version: '', nodeVersion: '' })
      .described()
      .map(({ name, type }) => (type === 'histogram' ? `${name}_count` : name))
    const seen = await prometheus.query('count by (__name__) ({job="twilio-sink-operator"})', span)
    const known = seen.map(({ labels }) => labels['__name__'])
    // The demo reads all namespaces.
    expect(names.filter((name) => !known.includes(name))).toEqual(['twilio_operator_unread_namespaces'])
  })

  test.each(panels().flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr }))))(
    'answers "$title" with data: $expr',
    async ({ expr }) => {
      const lines = await prometheus.query(filledIn(expr), span)
      expect(lines.flatMap(({ points }) => points).length).toBeGreaterThan(0)
    },
  )

  test('draws the picture of docs/monitoring.md, which UPDATE_DOCS=1 writes', async () => {
    const picture = await pictureOf(panels(), span, (panel) => answersTo(panel, span))
    for (const { title } of panels()) expect(picture).toContain(`>${title}</text>`)
    if (process.env['UPDATE_DOCS'] !== undefined) writeFileSync(new URL('docs/dashboard.svg', ROOT), picture)
  })

  test('tells of refused credentials, until the command of the runbook has put a good key into the Secret', async () => {
    const alert = 'TwilioCredentialsRefused'
    const { simulator } = theatre.stage
    expect(await firing(alert)).toBeUndefined()
    await simulator.revokeCredential(API_KEY.sid)
    expect(await fires(alert)).toMatchObject({ account: `${DEMO_NAMESPACE}/default`, severity: 'critical' })
    const [show, fix] = commandsFor(alert)
    expect(await type(show, { NAME: 'default' })).toContain('Unauthorized')
    const key = { YOUR_API_KEY: `SK${'1'.repeat(32)}`, YOUR_API_SECRET: 'another-secret' }
    await simulator.addCredential({
      username: key.YOUR_API_KEY,
      password: key.YOUR_API_SECRET,
      account: DEMO_ACCOUNT_SID,
    })
    await type(fix, { SECRET: 'twilio', ...key })
    await ends(alert)
  })

  test('tells of a blocked deletion, until the command of the runbook leaves the sink at Twilio', async () => {
    const alert = 'TwilioSinkDeletionBlocked'
    const { kubectl, twilio } = theatre.stage
    const { sid } = await useSink('orders')
    await kubectl.run('delete', 'sink', 'orders', '--wait=false')
    expect(await fires(alert)).toMatchObject({ reason: 'SinkInUse', severity: 'warning' })
    const [show, fix] = commandsFor(alert)
    expect(await type(show, {})).toContain(`${DEMO_NAMESPACE}/orders`)
    await type(fix, { NAME: 'orders' })
    await ends(alert)
    expect(await kubectl.sink('orders')).toBeUndefined()
    expect((await twilio.sinks(sid).fetch()).status).toBe('active')
  })
})

/** The lines of each query of a panel. */
const answersTo = ({ targets }: Panel, of: Span) =>
  Promise.all(targets.map(({ expr }) => prometheus.query(filledIn(expr), of)))
