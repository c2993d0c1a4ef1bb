import { UnusableKubeconfig } from './credentials.ts'
import { isJsonObject, listAt, textAt, valueAt } from './json-value.ts'

type Headers = Readonly<Record<string, string | string[]>>

/**
 * The headers by which the user of a kubeconfig acts as somebody else: `as`, `as-uid`, `as-groups`, `as-user-extra`.
 * Throws an `UnusableKubeconfig` for what cannot be sent, since a request without it would have other rights.
 */
export function impersonation(user: unknown, kubeconfig: string): Headers {
  const wrong = (what: string): UnusableKubeconfig => new UnusableKubeconfig(`${kubeconfig} ${what}`)
  const present = ['as', 'as-uid', 'as-groups', 'as-user-extra'].filter(
    (field) => (valueAt(user, field) ?? undefined) !== undefined,
  )
  const [as = '', uid = ''] = [textAt(user, 'as'), textAt(user, 'as-uid')]
  if (present.length === 0) return {}
  if (as === '') throw wrong(`has ${present.join(' and ')} in its user, but names nobody in as`)
  const groups = textsIn(user, 'as-groups')
  const extra = Object.entries(extraOf(user)).map(
    ([key, values]) => [`impersonate-extra-${inHeaderName(key)}`, values] as const,
  )
  const headers = {
    'impersonate-user': as,
    ...(uid !== '' && { 'impersonate-uid': uid }),
    ...(groups.length > 0 && { 'impersonate-group': groups }),
    ...Object.fromEntries(extra),
  }
  if (!Object.values(headers).flat().every(isHeaderValue))
    throw wrong('has characters in as, as-uid, as-groups or as-user-extra that no header may have')
  return headers
}

const textsIn = (value: unknown, ...path: readonly string[]): string[] =>
  listAt(value, ...path).filter((one): one is string => typeof one === 'string')

function extraOf(user: unknown): Readonly<Record<string, string[]>> {
  const extra = valueAt(user, 'as-user-extra')
  if (!isJsonObject(extra)) return {}
  return Object.fromEntries(Object.keys(extra).map((key) => [key, textsIn(extra, key)]))
}

/** As client-go escapes it: each byte that a name of a header may not have, and the percent sign. */
function inHeaderName(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => {
      const character = String.fromCharCode(byte)
      return /[\w!#$&'*+.^`|~-]/u.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

const isHeaderValue = (text: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/u.test(text)
