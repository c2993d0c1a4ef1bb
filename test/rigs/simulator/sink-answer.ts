import { isoSeconds, type Call } from './operation.ts'
import type { Settings } from './settings.ts'
import type { Configuration, SinkRecord } from './store.ts'

const MASK = '********'
const secretMembers = ['external_id', 'write_key']

/** The sink as the API shows it under the present settings. */
export function sinkAnswer(sink: SinkRecord, { origin, settings }: Call): object {
  const url = `${origin}/v1/Sinks/${sink.sid}`
  return {
    sid: sink.sid,
    description: sink.description,
    sink_type: sink.sinkType,
    sink_configuration: configurationAnswer(sink, settings),
    status: sink.status,
    date_created: isoSeconds(sink.createdAt),
    date_updated: isoSeconds(sink.updatedAt),
    url,
    links: { sink_test: `${url}/Test`, sink_validate: `${url}/Validate` },
  }
}

function configurationAnswer(sink: SinkRecord, settings: Settings): Configuration {
  const shown = sink.sinkType === 'webhook' ? webhookAnswer(sink.configuration, settings) : sink.configuration
  const entries = Object.entries(shown).map(
    ([name, value]) => [name, shownValue(name, value, settings)] as const,
  )
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

function shownValue(name: string, value: unknown, { secrets }: Settings): unknown {
  if (secrets === 'clear' || !secretMembers.includes(name)) return value
  return secrets === 'masked' ? MASK : undefined
}

function webhookAnswer(configuration: Configuration, settings: Settings): Configuration {
  const defaults = settings.fillDefaults ? { method: 'post', batch_events: false } : {}
  const filled: Configuration = { ...defaults, ...configuration }
  const { method, destination } = filled
  return {
    ...filled,
    ...(typeof method === 'string' && { method: shownMethod(method, settings) }),
    ...(typeof destination === 'string' && { destination: shownUrl(destination, settings) }),
  }
}

function shownMethod(method: string, settings: Settings): string {
  if (settings.method === 'keep') return method
  return settings.method === 'lower' ? method.toLowerCase() : method.toUpperCase()
}

function shownUrl(destination: string, settings: Settings): string {
  const written = rewrittenUrl(destination, settings)
  if (settings.secrets === 'clear') return written
  return written.replace(/^(https?:\/\/)[^/?#]*@/i, settings.secrets === 'masked' ? `$1${MASK}@` : '$1')
}

function rewrittenUrl(destination: string, settings: Settings): string {
  if (settings.destination === 'keep' || !URL.canParse(destination)) return destination
  const url = new URL(destination)
  if (settings.destination === 'whatwg') return url.href
  if (settings.destination === 'upperCaseHost') return url.href.replace(url.host, url.host.toUpperCase())
  url.pathname = url.pathname.endsWith('/') ? url.pathname.slice(0, -1) : `${url.pathname}/`
  return url.href
}
