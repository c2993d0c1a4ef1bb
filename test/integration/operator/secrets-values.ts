import { canary, type Canary } from './secrets-canary.ts'

/** A canary in each place where a secret can stand. */
export const secretOf = { keyed: canary('API key secret'), rotated: canary('auth token put in later') }
export const SOURCES = ['literal', 'secret'] as const
export const TYPES = ['webhook', 'kinesis', 'segment'] as const
export type Source = (typeof SOURCES)[number]
export type Type = (typeof TYPES)[number]

const URL_PARTS = ['user', 'password', 'path', 'query'] as const
export const urls = Object.fromEntries(
  SOURCES.map((source) => [source, URL_PARTS.map((part) => canary(`${part} of a destination, ${source}`))]),
) as Record<Source, Canary[]>
export const externalIds = { literal: canary('external id, literal'), secret: canary('external id, secret') }
export const writeKeys = { literal: canary('write key, literal'), secret: canary('write key, secret') }
export const malformed = {
  webhook: canary('bad URL'),
  kinesis: canary('bad external id'),
  segment: canary('bad key'),
}
export const changed = {
  webhook: canary('new URL'),
  kinesis: canary('new external id'),
  segment: canary('new key'),
}
export const misplaced = canary('API secret in the place of the SID')
export const foreign = {
  segment: canary('write key of somebody'),
  webhook: canary('URL of somebody'),
  odd: canary('an odd value'),
}

const destination = (source: Source) => {
  const [user, password, path, query] = urls[source].map(({ text }) => text)
  return `https://${user}:${password}@events.example.com/${path}?token=${query}`
}

export const SECRET_VALUES: Record<Type, Record<Source, string>> = {
  webhook: { literal: destination('literal'), secret: destination('secret') },
  kinesis: { literal: externalIds.literal.text, secret: `${externalIds.secret.text}+/=@` },
  segment: { literal: writeKeys.literal.text, secret: writeKeys.secret.text },
}
const arns = {
  arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/orders',
  roleArn: 'arn:aws:iam::123456789012:role/writer',
}
const MEMBER = { webhook: 'destination', kinesis: 'externalId', segment: 'writeKey' } as const

export function specWith(type: Type, source: Source, secretName = 'values') {
  const name = MEMBER[type]
  const value =
    source === 'literal'
      ? { [name]: SECRET_VALUES[type].literal }
      : { [`${name}SecretRef`]: { name: secretName, key: type } }
  return { [type]: { ...(type === 'kinesis' ? arns : {}), ...value } }
}

/** All but the token of the account, which the stage makes. */
export const CANARIES: readonly Canary[] = [
  ...Object.values(secretOf),
  ...Object.values(urls).flat(),
  ...[externalIds, writeKeys, malformed, changed, foreign].flatMap((set) => Object.values(set)),
  misplaced,
]
