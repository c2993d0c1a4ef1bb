import { readdirSync, readFileSync } from 'node:fs'
import { dump } from 'js-yaml'

const FOLDER = 'integrations/argo-cd/resource_customizations'
const GROUP = 'events.twilio.com'

/** A patch of the ConfigMap `argocd-cm` with the scripts of `integrations/argo-cd/resource_customizations`. */
export function argoCdPatch(): string {
  const kinds = readdirSync(`${FOLDER}/${GROUP}`).sort()
  const data = Object.fromEntries(kinds.flatMap((kind) => [...healthOf(kind), ...actionsOf(kind)]))
  const metadata = { name: 'argocd-cm', namespace: 'argocd' }
  const patch = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }
  return `${HEAD}${dump(patch, { lineWidth: -1 })}`
}

const HEAD = `# Generated from resource_customizations. Apply it as a patch: it adds keys to argocd-cm and leaves the other keys as they are.
`

const read = (path: string): string => readFileSync(`${FOLDER}/${GROUP}/${path}`, 'utf8')

const healthOf = (kind: string): [string, string][] => [
  [`resource.customizations.health.${GROUP}_${kind}`, read(`${kind}/health.lua`)],
]

function actionsOf(kind: string): [string, string][] {
  if (!readdirSync(`${FOLDER}/${GROUP}/${kind}`).includes('actions')) return []
  const folder = `${kind}/actions`
  const names = readdirSync(`${FOLDER}/${GROUP}/${folder}`, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'testdata')
    .map(({ name }) => name)
    .sort()
  const definitions = names.map((name) => ({ name, 'action.lua': read(`${folder}/${name}/action.lua`) }))
  const text = dump({ 'discovery.lua': read(`${folder}/discovery.lua`), definitions }, { lineWidth: -1 })
  return [[`resource.customizations.actions.${GROUP}_${kind}`, text]]
}
