import { createHash } from 'node:crypto'
import { kindOf } from '../api/sink-configuration.ts'

/** The name of a member of Twilio's `sink_configuration`, as Twilio writes it (snake_case). */
export type ConfigurationMember = string

/** An opaque digest of a configuration value; `null` where the value is masked and says nothing. */
export type Fingerprint = string | null

/** `sink_configuration` with every value replaced by its digest: safe to keep, and enough to compare. */
export type Fingerprints = Readonly<Record<ConfigurationMember, Fingerprint>>

/** Twilio's record of a sink, with its configuration already made opaque. */
export interface ExternalSink {
  readonly sid: string
  /** With our ownership mark at its end, if it is ours. */
  readonly description: string
  /** Twilio's word, also one that we do not know. */
  readonly sinkType: string
  /** Twilio's word, also one that we do not know. */
  readonly status: string
  readonly configuration: Fingerprints
  readonly dateCreated: string
  readonly dateUpdated: string
  readonly url: string
}

const MASKED = /[*•●]{3,}|^[xX]{6,}/u

/**
 * A form in which equal meanings are equal texts: Twilio lower-cases words and may rewrite a URL within the
 * rules of WHATWG (case of the host, default port, empty path). `null` for a masked value.
 */
function comparable(member: ConfigurationMember, value: unknown): string | null {
  if (value === null || value === undefined) return null
  const text = typeof value === 'string' ? value : jsonOf(value)
  if (text === undefined || MASKED.test(decodeLoosely(text))) return null
  const kind = kindOf(member)
  if (kind === 'word') return text.toLowerCase()
  return kind === 'url' ? (URL.parse(text)?.href ?? text) : text
}

/** Undefined for what is nested deeper than the stack: an answer can hold that, and it says nothing. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

function decodeLoosely(text: string): string {
  return text.replaceAll(/%2a/giu, '*').replaceAll('%E2%80%A2', '•')
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** The opaque form of a `sink_configuration`. Pure; the digests stay in memory and are never shown. */
export function fingerprints(configuration: Readonly<Record<ConfigurationMember, unknown>>): Fingerprints {
  return Object.fromEntries(
    Object.entries(configuration).map(([member, value]) => {
      const text = comparable(member, value)
      return [member, text === null ? null : digest(text)]
    }),
  )
}

/**
 * Twilio's record of a sink with its configuration in clear, as only an export needs it. Secret as a whole: it MUST NOT
 * reach a log, an error or a terminal.
 */
export interface ClearSink {
  readonly sid: string
  readonly description: string
  /** Twilio's word, also one that we do not know. */
  readonly sinkType: string
  /** Members in Twilio's snake_case, as answered. */
  readonly configuration: Readonly<Record<string, unknown>>
  /** ISO 8601. */
  readonly dateCreated: string
}
