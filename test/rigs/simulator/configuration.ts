import { Refusal, codes } from './errors.ts'
import type { Settings } from './settings.ts'
import type { Configuration } from './store.ts'

/** Members of each sink type: those that must be there, and all that are known. Nothing is known of `email`. */
const members: Readonly<Record<string, { required: readonly string[]; optional: readonly string[] }>> = {
  kinesis: { required: ['arn', 'role_arn', 'external_id'], optional: [] },
  webhook: { required: ['destination'], optional: ['method', 'batch_events'] },
  segment: { required: ['write_key'], optional: [] },
  email: { required: [], optional: [] },
}

/** Reads the `SinkConfiguration` of a create. Throws a Refusal with 91000. */
export function readConfiguration(sinkType: string, text: string, settings: Settings): Configuration {
  const known = Object.hasOwn(members, sinkType) ? members[sinkType] : undefined
  if (!known) throw refused(`Sink type ${sinkType} does not exist`)
  const configuration = parseObject(text)
  const lacking = known.required.find((name) => !isFilled(configuration[name]))
  if (lacking !== undefined) throw refused(`Sink configuration lacks ${lacking}`)
  if (sinkType === 'webhook') checkWebhook(configuration)
  return withoutUnknown(configuration, [...known.required, ...known.optional], settings)
}

function parseObject(text: string): Configuration {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // Falls through: text that is no JSON is refused like JSON that is no object.
  }
  throw refused('Sink configuration is not a JSON object')
}

function checkWebhook({ destination, method, batch_events }: Configuration): void {
  const url = typeof destination === 'string' && URL.canParse(destination) ? new URL(destination) : undefined
  if (!url || !/^https?:$/.test(url.protocol))
    throw refused('Sink configuration destination is not a web address')
  if (method !== undefined && !(typeof method === 'string' && /^(get|post)$/i.test(method))) {
    throw refused('Sink configuration method is neither GET nor POST')
  }
  if (batch_events !== undefined && typeof batch_events !== 'boolean') {
    throw refused('Sink configuration batch_events is not a boolean')
  }
}

function withoutUnknown(configuration: Configuration, known: string[], settings: Settings): Configuration {
  const unknown = Object.keys(configuration).filter((name) => known.length > 0 && !known.includes(name))
  if (unknown.length === 0 || settings.unknownConfigurationKeys === 'keep') return configuration
  if (settings.unknownConfigurationKeys === 'refuse')
    throw refused(`Sink configuration has unknown ${unknown.join()}`)
  return Object.fromEntries(Object.entries(configuration).filter(([name]) => known.includes(name)))
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function refused(message: string): Refusal {
  return new Refusal(400, codes.sinkRefused, message)
}
