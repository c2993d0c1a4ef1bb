import { kindOf } from '../api/sink-configuration.ts'
import type { Credential } from '../reconciler/ports.ts'

/** The value of the `Authorization` header. */
export function basicAuthorization(credential: Credential): string {
  return `Basic ${basicToken(credential)}`
}

/** What of a credential must not be shown; its user name is a SID and may be. */
export function secretsOfCredential(credential: Credential): readonly string[] {
  return [credential.password, basicToken(credential)]
}

/**
 * What of a `sink_configuration` must not be shown: every text in it but the HTTP method and such words, and of a URL also
 * its parts, since Twilio may name just one of them.
 */
export function secretsOfConfiguration(configuration: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(configuration)
    .filter(([member]) => kindOf(member) !== 'word')
    .flatMap(([, value]) => textsIn(value))
    .flatMap((text) => [text, ...partsOfUrl(text)])
}

function basicToken(credential: Credential): string {
  return Buffer.from(`${credential.username}:${credential.password}`).toString('base64')
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}

/** A path may hold a token, but not in a few letters; those would blank ordinary words. */
const SHORTEST_PATH = 8

function partsOfUrl(text: string): readonly string[] {
  const url = URL.parse(text)
  if (url === null) return []
  const { username, password, pathname, search, hash } = url
  const path = pathname.length > SHORTEST_PATH ? pathname.slice(1) : ''
  const encoded = [username, password, path, search.slice(1), hash.slice(1)]
  const decoded = [decodeLoosely(username), decodeLoosely(password)]
  return [url.href, ...encoded, ...decoded, `${username}:${password}`, ...url.searchParams.values()].filter(
    (part) => part !== '' && part !== ':',
  )
}

function decodeLoosely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
