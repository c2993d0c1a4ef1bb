import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { findPrograms } from '../rigs/control-plane/binaries.ts'
import { freePort } from '../rigs/control-plane/free-port.ts'
import { createRunFolder } from '../rigs/control-plane/run-folder.ts'
import { supervisedProgram } from '../rigs/control-plane/supervised-program.ts'

/** A span of time, in seconds since the epoch. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly step: number
}

/** One line of an answer. */
export interface Line {
  readonly labels: Readonly<Record<string, string>>
  readonly points: readonly (readonly [seconds: number, value: number])[]
}

/** A real Prometheus on loopback that scrapes one target every second. */
export interface Prometheus {
  /** Rejects when Prometheus does not understand the query. What is no number is left out. */
  query(expr: string, span: Span): Promise<readonly Line[]>
  /** The labels of the alerts that fire. */
  firing(): Promise<readonly Readonly<Record<string, string>>[]>
  stop(): Promise<void>
}

export interface PrometheusOptions {
  readonly metricsUrl: string
  /** Text of a rule file. */
  readonly rules: string
}

const Labels = z.record(z.string(), z.string())
const Range = z.object({
  data: z.object({
    result: z.array(z.object({ metric: Labels, values: z.array(z.tuple([z.number(), z.string()])) })),
  }),
})
const Alerts = z.object({
  data: z.object({ alerts: z.array(z.object({ labels: Labels, state: z.string() })) }),
})

export async function startPrometheus({ metricsUrl, rules }: PrometheusOptions): Promise<Prometheus> {
  const path = join(await findPrograms(['prometheus']), 'prometheus')
  const run = createRunFolder()
  writeFileSync(join(run.path, 'alerts.yaml'), rules)
  // JSON is YAML.
  writeFileSync(join(run.path, 'prometheus.yaml'), JSON.stringify(configurationFor(metricsUrl)))
  mkdirSync(join(run.path, 'data'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const program = supervisedProgram({
    path,
    args: () => [
      `--config.file=${join(run.path, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(run.path, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    logPath: join(run.path, 'prometheus.log'),
    isReady: () =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    run,
  })
  await program.start()
  return {
    query: async (expr, { from, to, step }) => {
      const asked = { query: expr, start: String(from), end: String(to), step: String(step) }
      const { data } = Range.parse(await ask(url, 'query_range', asked))
      return data.result.map(({ metric, values }) => ({ labels: metric, points: numbersIn(values) }))
    },
    firing: async () => {
      const { data } = Alerts.parse(await ask(url, 'alerts'))
      return data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels)
    },
    stop: async () => {
      await program.kill()
      run.remove()
    },
  }
}

/** As docs/monitoring.md tells people to scrape. */
function configurationFor(metricsUrl: string): object {
  const { host, pathname } = new URL(metricsUrl)
  return {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['alerts.yaml'],
    scrape_configs: [
      {
        job_name: 'twilio-sink-operator',
        honor_labels: true,
        metrics_path: pathname,
        static_configs: [{ targets: [host], labels: { instance: 'operator' } }],
      },
    ],
  }
}

async function ask(
  url: string,
  path: string,
  asked: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const answer = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(asked).toString()}`)
  const body = await answer.text()
  if (!answer.ok) throw new Error(`${asked['query'] ?? path}: ${body}`)
  return JSON.parse(body)
}

const numbersIn = (values: readonly (readonly [number, string])[]): Line['points'] =>
  values.map(([at, value]) => [at, Number(value)] as const).filter(([, value]) => Number.isFinite(value))
