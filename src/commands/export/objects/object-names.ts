/**
 * Names for the objects of an export: made of the descriptions, RFC 1123, each once.
 *
 * Guarantees: the same sinks get the same names however Twilio lists them, and a sink made later never changes the name
 * of an older one, so that an export can be repeated and compared.
 */
export interface NamedBy {
  readonly sid: string
  readonly description: string
  /** ISO 8601. */
  readonly dateCreated: string
}

/** Short enough for a label and for what others append. */
const LONGEST = 50
const SID_PART = 8

/** Names by SID. */
export function objectNames(sinks: readonly NamedBy[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const sink of [...sinks].sort(byAge)) {
    const name = candidates(sink).find((candidate) => !taken.has(candidate)) ?? sink.sid.toLowerCase()
    taken.add(name)
    names.set(sink.sid, name)
  }
  return names
}

function candidates({ sid, description }: NamedBy): string[] {
  const slug = slugOf(description)
  const part = sid.slice(-SID_PART).toLowerCase()
  if (slug === '') return [`sink-${part}`]
  return [slug, `${slug}-${part}`]
}

function slugOf(description: string): string {
  return description
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .slice(0, LONGEST)
    .split('-')
    .filter((word) => word !== '')
    .join('-')
}

function byAge(a: NamedBy, b: NamedBy): number {
  return compare(a.dateCreated, b.dateCreated) || compare(a.sid, b.sid)
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
