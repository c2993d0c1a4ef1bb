import { readFile, writeFile } from 'node:fs/promises'
import { crdYaml } from '../src/api/crd/crd.ts'
import { SINK_KIND, TWILIO_ACCOUNT_KIND } from '../src/api/crd/custom-resources.ts'
import { alertTests } from './alert-tests.ts'
import { monitoringPage, prometheusAlerts } from './alerts.ts'
import { argoCdPatch } from './argocd-patch.ts'
import { chartCrd } from './chart-crd.ts'
import { chartReadme } from './chart-readme.ts'
import { CONDITION_PAGES, conditionsPage } from './conditions-page.ts'
import { architecturePage } from './draw-architecture.ts'
import { grafanaDashboard } from './grafana-dashboard.ts'
import { kindsPage } from './kinds-page.ts'
import { metricsPage } from './metrics-page.ts'
import { optionsPage } from './options-page.ts'

/**
 * Writes the files that follow from the source. With `--check` writes nothing and exits with 1 if one is out of date.
 * A file may also be generated in part: then `content` receives what is there and returns the whole.
 */
type Generated = { path: string; content: (present: string) => string }

const CHART = 'charts/twilio-sink-operator'

const GENERATED: readonly Generated[] = [
  { path: 'crds/events.twilio.com_sinks.yaml', content: () => crdYaml(SINK_KIND) },
  { path: 'crds/events.twilio.com_twilioaccounts.yaml', content: () => crdYaml(TWILIO_ACCOUNT_KIND) },
  { path: `${CHART}/templates/crds/sinks.yaml`, content: () => chartCrd(SINK_KIND) },
  { path: `${CHART}/templates/crds/twilioaccounts.yaml`, content: () => chartCrd(TWILIO_ACCOUNT_KIND) },
  { path: `${CHART}/README.md`, content: chartReadme },
  { path: `${CHART}/files/dashboard.json`, content: grafanaDashboard },
  { path: 'docs/architecture.md', content: architecturePage },
  { path: 'docs/options.md', content: optionsPage },
  { path: 'docs/metrics.md', content: metricsPage },
  { path: 'docs/monitoring.md', content: monitoringPage },
  { path: 'docs/kinds.md', content: kindsPage },
  { path: CONDITION_PAGES.Sink, content: (present) => conditionsPage('Sink', present) },
  { path: CONDITION_PAGES.TwilioAccount, content: (present) => conditionsPage('TwilioAccount', present) },
  { path: 'integrations/argo-cd/argocd-cm.yaml', content: argoCdPatch },
  { path: 'integrations/grafana/dashboard.json', content: grafanaDashboard },
  { path: 'integrations/prometheus/alerts.test.yaml', content: alertTests },
  { path: 'integrations/prometheus/alerts.yaml', content: prometheusAlerts },
]

const ROOT = new URL('../', import.meta.url)

/** A file that does not exist yet counts as empty. */
async function present(path: string): Promise<string> {
  return readFile(new URL(path, ROOT), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  })
}

async function outOfDate({ path, content }: Generated): Promise<{ path: string; wanted: string }[]> {
  const found = await present(path)
  const wanted = content(found)
  return found === wanted ? [] : [{ path, wanted }]
}

const differing = (await Promise.all(GENERATED.map(outOfDate))).flat()

if (process.argv.includes('--check')) {
  for (const { path } of differing) console.error(`${path} is out of date: run "npm run generate"`)
  process.exitCode = differing.length === 0 ? 0 : 1
} else {
  for (const { path, wanted } of differing) {
    await writeFile(new URL(path, ROOT), wanted)
    console.log(`wrote ${path}`)
  }
}
