import type { Side } from './exchange.ts'

/**
 * A name without object names, SIDs and versions: `side:VERB:resource`, e.g. `kubernetes:PATCH:sinks.status`,
 * `kubernetes:WATCH:sinks`, `twilio:CREATE:Sinks`, `twilio:LIST:Subscriptions`. It holds no slash.
 */
export function requestName(side: Side, method: string, target: string): string {
  const { pathname, searchParams } = new URL(target, 'http://any')
  const parts = pathname.split('/').filter((part) => part !== '')
  const [verb, resource] =
    side === 'twilio' ? twilioName(method, parts) : kubernetesName(method, parts, searchParams)
  return `${side}:${verb}:${resource}`
}

/** The name of a line of a watch: `EVENT`, or `BOOKMARK`, which tells of no change. */
export function lineName(watchName: string, line: string): string {
  const verb = /"type"\s*:\s*"BOOKMARK"/u.test(line.slice(0, 40)) ? 'BOOKMARK' : 'EVENT'
  return watchName.replace(':WATCH:', `:${verb}:`)
}

type Named = readonly [verb: string, resource: string]

function kubernetesName(method: string, parts: readonly string[], query: URLSearchParams): Named {
  if (parts[0] === 'openapi') return [method, 'openapi']
  // `api/v1/…` or `apis/GROUP/VERSION/…`
  const rest = parts.slice(parts[0] === 'api' ? 2 : 3)
  const isNamespaced = rest[0] === 'namespaces' && rest.length > 2
  const [resource, name, subresource] = isNamespaced ? rest.slice(2) : rest
  if (resource === undefined) return [method, 'discovery']
  if (method === 'GET' && name === undefined) return [listVerb(query), resource]
  return [method, subresource === undefined ? resource : `${resource}.${subresource}`]
}

/** A list-watch asks for one object to learn the present version: that is no LIST. */
function listVerb(query: URLSearchParams): string {
  if (query.get('watch') === 'true') return 'WATCH'
  return query.get('limit') === '1' ? 'CHECK' : 'LIST'
}

const COLLECTION: Readonly<Record<string, string>> = { GET: 'LIST', POST: 'CREATE' }
const ONE: Readonly<Record<string, string>> = { GET: 'FETCH', POST: 'UPDATE', DELETE: 'DELETE' }

function twilioName(method: string, [, resource = 'none', sid, action]: readonly string[]): Named {
  if (action !== undefined) return [action.toUpperCase(), resource]
  const verbs = sid === undefined ? COLLECTION : ONE
  return [verbs[method] ?? method, resource]
}
