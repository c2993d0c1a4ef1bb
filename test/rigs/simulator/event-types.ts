import { Refusal, codes } from './errors.ts'
import { missing } from './form.ts'
import type { Settings } from './settings.ts'
import type { EventTypeRecord } from './store.ts'

/**
 * Reads the repeated field `Types`, one JSON object each. A JSON array in one field is refused as Twilio does it:
 * as an element without a type. Throws a Refusal.
 */
export function readEventTypes(form: URLSearchParams, settings: Settings): EventTypeRecord[] {
  const texts = form.getAll('Types')
  if (texts.length === 0) throw missing('Types', settings)
  if (texts.every((text) => text === '')) throw new Refusal(400, codes.emptyTypes, 'Types is empty')
  const types = texts.map((text, index) => readEventType(text, index, settings))
  if (new Set(types.map(({ type }) => type)).size < types.length) {
    throw new Refusal(400, codes.subscriptionRefused, 'Types holds a type twice')
  }
  return types
}

function readEventType(text: string, index: number, settings: Settings): EventTypeRecord {
  const { type, schema_version: version = 1 } = parseObject(text)
  if (typeof type !== 'string' || type === '') {
    const message = `Missing required input parameter event_types[${index}].type`
    throw new Refusal(400, settings.missingParameterCode, message)
  }
  const schemaVersion = Number(version)
  if (!Number.isInteger(schemaVersion))
    throw new Refusal(400, codes.badParameter, 'schema_version is not a number')
  return { type: knownType(type, settings), schemaVersion }
}

function parseObject(text: string): { type?: unknown; schema_version?: unknown } {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

/** The name of an event type that exists. Throws a Refusal with 91104. */
export function knownType(type: string, settings: Settings): string {
  if (settings.knownEventTypes?.includes(type) ?? true) return type
  throw new Refusal(400, codes.unknownType, `Type ${type} not found in the system`)
}
