import type { Stage } from './stage.ts'

/** Everything that people or programs can see of the operator. */
export async function outputs(stage: Stage): Promise<Record<string, string>> {
  const seen = async (kind: string) =>
    (
      JSON.parse(await stage.kubectl(['get', kind, '-o', 'json'])) as {
        items: { status?: unknown; metadata: unknown }[]
      }
    ).items
  const sinks = (await seen('sinks')).map(({ status, metadata }) => ({ status, metadata }))
  const operator = stage.operator()
  const page = async (url: string) => (await fetch(url)).text()
  return {
    log: operator.log(),
    status: JSON.stringify(sinks),
    accounts: JSON.stringify(await seen('twilioaccounts')),
    events: JSON.stringify(await seen('events.events.k8s.io')),
    metrics: await page(operator.metricsUrl),
    health: (await page(`${operator.healthUrl}/readyz`)) + (await page(`${operator.healthUrl}/healthz`)),
  }
}
