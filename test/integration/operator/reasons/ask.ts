import { until } from '../../../rigs/until.ts'
import type { Stage } from '../stage.ts'
import type { Reason } from './reason.ts'

/**
 * The log alone and the metrics alone answer why an object is not Ready, or why its deletion waits, with the words that
 * `kubectl describe` has.
 */
export async function askLogAndMetrics(stage: Stage, reason: Reason): Promise<void> {
  await Promise.all([
    ...Object.entries(reason.shows).map((one) => askMetrics(stage, reason, one)),
    askLog(stage, reason),
  ])
}

type Shown = readonly [type: string, reason: string]

async function askMetrics(stage: Stage, { kind, name }: Reason, [type, reason]: Shown): Promise<void> {
  const { namespace } = stage
  const labels = `type="${type}",reason="${reason}"`
  const series =
    kind === 'sinks'
      ? `twilio_sink_conditions{namespace="${namespace}",${labels}} `
      : `twilio_account_conditions{account="${namespace}/${name}",${labels}} `
  await until(`the metrics have ${series}`, async () => {
    const text = await (await fetch(stage.operator().metricsUrl)).text()
    return text.split('\n').some((line) => line.startsWith(series) && Number(line.slice(series.length)) > 0)
  })
}

/** What a line of the log tells: a waiting deletion before Ready, and of an account each. */
const TOLD = ['DeletionBlocked', 'ChangesHeld', 'SinksUnowned', 'Ready', 'Reconciling']
const ALL_IS_WELL = ['Active', 'Verified']

async function askLog(stage: Stage, { name, shows }: Reason): Promise<void> {
  const type = TOLD.find((one) => shows[one] !== undefined)
  const reason = shows[type ?? '']
  if (type === undefined || reason === undefined || ALL_IS_WELL.includes(reason)) return
  const about = `${stage.namespace}/${name}`
  await until(`the log says ${type} ${reason} of ${about}`, () =>
    linesIn(stage.operator().log()).some(
      (line) =>
        [line['key'], line['sink'], line['account']].includes(about) &&
        line['level'] !== 'debug' &&
        line['condition'] === type &&
        line['reason'] === reason &&
        typeof line['message'] === 'string',
    ),
  )
}

/** The last line may not be whole yet. */
const linesIn = (log: string): readonly Record<string, unknown>[] =>
  log
    .slice(0, log.lastIndexOf('\n'))
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes('"condition"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
