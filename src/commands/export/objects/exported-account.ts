import { readMark, type Mark } from '../../../external/ownership-mark.ts'
import type { ClearSink } from '../../../external/external-sink.ts'
import {
  exportedConfiguration,
  NotExpressible,
  type ExportedConfiguration,
  type ExportedSecret,
  type Place,
} from './exported-configuration.ts'
import { MARK_PREFIX } from '../../../api/group.ts'

/** What people choose for the objects of an export. */
export interface ExportSettings {
  readonly namespace: string
  readonly accountSid: string
  /** Name of the TwilioAccount. */
  readonly accountName: string
  /** Name of the Secret with the account's credentials. */
  readonly credentialsSecret: string
  /** Name of the Secret with the secret values of the sinks. */
  readonly valuesSecret: string
  readonly deletionPolicy: 'Delete' | 'Orphan'
}

export interface ExportedSink {
  readonly sid: string
  readonly name: string
  readonly spec: Readonly<Record<string, unknown>>
  readonly secrets: readonly ExportedSecret[]
  /** What a person must know or do; no secrets. */
  readonly remarks: readonly string[]
}

export interface ExportedAccount {
  readonly sinks: readonly ExportedSink[]
  readonly leftOut: readonly { readonly sid: string; readonly why: string }[]
}

/** Of Sinks that exist: `namespace/name` by the SID of what each imports or has recorded. */
export type ImportedSinks = ReadonlyMap<string, string>

/**
 * The objects of an account: a Sink that imports for each sink that has neither a mark nor an object. Names follow from
 * all sinks, so that no new object has the name of one that an earlier export wrote. Pure.
 */
export function exportedAccount(
  all: readonly ClearSink[],
  settings: ExportSettings,
  imported: ImportedSinks = new Map(),
): ExportedAccount {
  const unowned = all.filter(({ description }) => readMark(description).mark === undefined)
  const names = objectNames(unowned)
  const outcomes = all.map((sink) => {
    const object = imported.get(sink.sid)
    return object === undefined
      ? exportedSink(sink, names.get(sink.sid), settings)
      : { sid: sink.sid, why: `left out: the Sink ${object} imports it already` }
  })
  return {
    sinks: outcomes
      .flatMap((outcome) => ('why' in outcome ? [] : [outcome]))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    leftOut: outcomes.flatMap((outcome) => ('why' in outcome ? [outcome] : [])),
  }
}

function exportedSink(
  sink: ClearSink,
  name: string | undefined,
  settings: ExportSettings,
): ExportedSink | { readonly sid: string; readonly why: string } {
  const { sid } = sink
  const { mark } = readMark(sink.description)
  if (name === undefined) return { sid, why: `left out: ${ownedBy(mark)}` }
  try {
    const placeFor = (member: string): Place => ({ name: settings.valuesSecret, key: `${name}.${member}` })
    return withConfiguration(sink, name, { settings, found: exportedConfiguration(sink, placeFor) })
  } catch (error) {
    if (error instanceof NotExpressible) return { sid, why: `left out: ${error.message}` }
    throw error
  }
}

const ownedBy = (mark: Mark | undefined): string =>
  `a Sink object of the installation ${mark?.installation ?? ''} owns it already, as the mark in its description says`

function withConfiguration(
  { sid, description }: ClearSink,
  name: string,
  { settings, found }: { readonly settings: ExportSettings; readonly found: ExportedConfiguration },
): ExportedSink {
  const { accountName, deletionPolicy } = settings
  const { text, changed } = exportedDescription(sid, description)
  const suspended =
    changed === undefined
      ? []
      : [
          `its description is not valid in a Sink, because ${changed}: this Sink is suspended. Nothing changes at Twilio ` +
            'until you remove "suspend"; then the operator writes the description below to Twilio',
        ]
  return {
    sid,
    name,
    spec: {
      description: text,
      ...found.spec,
      ...(accountName !== 'default' && { accountRef: { name: accountName } }),
      deletionPolicy,
      import: { sid },
      ...(changed !== undefined && { suspend: true }),
    },
    secrets: found.secrets,
    remarks: [...suspended, ...found.secrets.flatMap(({ remark }) => remark ?? [])],
  }
}

interface ExportedDescription {
  readonly text: string
  /** Why it is not the one at Twilio; undefined: it is. */
  readonly changed: string | undefined
}

/** Of a Sink's `spec.description`, in code points. */
const LONGEST_TEXT = 200

/** What the API server refuses in a description. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** What a Sink can say. Where that is not what Twilio has, the operator would write it there. */
function exportedDescription(sid: string, description: string): ExportedDescription {
  const text = description.toWellFormed().trim()
  if (text === '') return { text: `Sink ${sid}`, changed: 'it is blank' }
  const visible = text.replaceAll(INVISIBLE, ' ').trim()
  if (visible === '') return { text: `Sink ${sid}`, changed: 'it has only invisible characters' }
  const unmarked = visible.replaceAll(MARK_PREFIX, '(k8s:')
  const cut = [...unmarked].slice(0, LONGEST_TEXT).join('').trim()
  const reasons = [
    ...(visible === text ? [] : ['it contains control characters or invisible characters']),
    ...(unmarked === visible ? [] : [`it contains "${MARK_PREFIX}"`]),
    ...(cut === unmarked ? [] : [`it is longer than ${LONGEST_TEXT} characters`]),
  ]
  return { text: cut, changed: reasons.length === 0 ? undefined : reasons.join(' and ') }
}

/**
 * Names for the objects of an export: made of the descriptions, RFC 1123, each once.
 *
 * Guarantees: the same sinks get the same names however Twilio lists them, and a sink made later never changes the name
 * of an older one, so that an export can be repeated and compared.
 */
interface NamedBy {
  readonly sid: string
  readonly description: string
  /** ISO 8601. */
  readonly dateCreated: string
}

/** Short enough for a label and for what others append. */
const LONGEST_NAME = 50
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
    .slice(0, LONGEST_NAME)
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
