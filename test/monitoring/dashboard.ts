import { readFileSync } from 'node:fs'
import { z } from 'zod'

const Target = z.looseObject({ expr: z.string(), legendFormat: z.string() })

const Panel = z.looseObject({
  title: z.string(),
  type: z.enum(['row', 'stat', 'timeseries']),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  fieldConfig: z.looseObject({ defaults: z.looseObject({ unit: z.string() }) }).optional(),
  targets: z.array(Target).default([]),
})
export type Panel = z.infer<typeof Panel>
type Target = z.infer<typeof Target>

const DASHBOARD = new URL('../../integrations/grafana/dashboard.json', import.meta.url)

/** What people import into Grafana, from top to bottom. */
export const panels = (): readonly Panel[] =>
  z.looseObject({ panels: z.array(Panel) }).parse(JSON.parse(readFileSync(DASHBOARD, 'utf8'))).panels

/** As Grafana fills in its variables, when all jobs are chosen and Prometheus scrapes every second. */
export const filledIn = (expr: string): string =>
  expr.replaceAll('$job', '.+').replaceAll('$__rate_interval', '10s')

/** The name of a line, of its labels. */
export const legendOf = ({ legendFormat }: Target, labels: Readonly<Record<string, string>>): string =>
  legendFormat.replaceAll(/\{\{(\w+)\}\}/gu, (_, label: string) => labels[label] ?? '')
