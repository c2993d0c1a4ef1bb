import { readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../rigs/until.ts'
import { runAll } from '../operator/reasons/command.ts'
import { ready, setStage, sink, type Stage } from '../operator/stage.ts'

const GUIDES = ['integrations/argo-cd/README.md', 'integrations/flux/README.md']
const NOW = new Date().toISOString()

let stage: Stage
beforeAll(async () => {
  stage = await setStage({ name: 'guides' })
  // As an installation of Argo CD has it, with a key that must stay.
  await stage.cluster.createNamespace('argocd')
  await stage.kubectl([
    '-n',
    'argocd',
    'create',
    'configmap',
    'argocd-cm',
    '--from-literal=url=https://a.example.com',
  ])
  // Nothing but words may differ from what the guides apply: the rest cannot change.
  await stage.apply(sink('orders', { webhook: { destination: 'https://warehouse.example.com/twilio' } }))
  await ready(stage, 'orders')
})
afterAll(() => stage?.end())

const fences = (guide: string, language: string): string[] =>
  [...readFileSync(guide, 'utf8').matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gmu'))].map(
    ([, text = '']) => text,
  )

describe.each(GUIDES)('%s', (guide) => {
  it('shows commands that run as they stand', async () => {
    const commands = fences(guide, 'sh')
    expect(commands.length).toBeGreaterThan(2)
    for (const command of commands) await runAll(stage, command, { NOW })
  })

  it('shows objects of ours that the API server takes', async () => {
    const objects = fences(guide, 'yaml').flatMap(
      (text) => loadAll(text) as { readonly apiVersion: string }[],
    )
    const ours = objects.filter(({ apiVersion }) => apiVersion.startsWith('events.twilio.com/'))
    expect(ours.length).toBeGreaterThan(0)
    for (const object of ours) {
      const here = JSON.stringify(object).replaceAll('"shop"', JSON.stringify(stage.namespace))
      expect(await stage.kubectl(['apply', '--dry-run=server', '-f', '-'], here)).toContain('server dry run')
    }
  })
})

it('leaves Argo CD with the scripts, and with what it had', async () => {
  const { data } = JSON.parse(
    await stage.kubectl(['-n', 'argocd', 'get', 'configmap', 'argocd-cm', '-o', 'json']),
  ) as { readonly data: Readonly<Record<string, string>> }
  const key = (what: string) => `resource.customizations.${what}.events.twilio.com_`
  expect(Object.keys(data).sort()).toEqual(
    [key('actions') + 'Sink', key('health') + 'Sink', key('health') + 'TwilioAccount', 'url'].sort(),
  )
})

it('leaves Argo CD a suspension that an action has set, unless the file in Git says otherwise', async () => {
  const { apply, suspended } = asArgoCd('acted-on')
  await apply({})
  // As the action does it.
  await stage.kubectl(['patch', 'sink', 'acted-on', '--type=merge', '-p', '{"spec":{"suspend":true}}'])
  await apply({})
  expect(await suspended()).toBe(true)
  await apply({ suspend: false })
  expect(await suspended()).toBe(false)
})

/** The server-side apply of a sync. */
function asArgoCd(name: string) {
  const flags = ['--server-side', '--force-conflicts', '--field-manager=argocd-controller', '-f', '-']
  return {
    apply: (more: Readonly<Record<string, unknown>>) =>
      stage.kubectl(['apply', ...flags], JSON.stringify(sink(name, more))),
    suspended: async () => (await stage.get('sinks', name))?.spec['suspend'],
  }
}

it('has the pass that it asks for in the words of Flux', async () => {
  await until(
    'it is answered',
    async () => (await stage.get('sinks', 'orders'))?.status['lastHandledReconcileAt'] === NOW,
  )
})
