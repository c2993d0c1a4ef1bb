import { SINK_KIND, TWILIO_ACCOUNT_KIND } from './custom-resources.ts'
import type { Kind } from './crd.ts'
import { API_VERSION, GROUP, API_GROUP_VERSION } from '../group.ts'
import { structuralSchema } from './structural-schema.ts'

/**
 * The CRDs that a cluster has may be those of another version of the operator. What their schemas do not name, the API
 * server drops without a word, from what is written and from what is read.
 */

/** Fields by the paths of `kubectl explain`, e.g. `sink.status.sid`; each stands for all that is below it. */
export interface MissingFields {
  /** No create is safe without them. */
  readonly needed: readonly string[]
  readonly others: readonly string[]
}

/** What remembers a create, and by what people keep one back, send it elsewhere or keep what it has made. */
export const NEEDED_FIELDS: readonly string[] = [
  'sink.spec.accountRef',
  'sink.spec.deletionPolicy',
  'sink.spec.import',
  'sink.spec.suspend',
  'sink.status.accountSid',
  'sink.status.conditions',
  'sink.status.createAttempt',
  'sink.status.sid',
  'twilioaccount.spec.accountSid',
  'twilioaccount.spec.credentialsSecretRef',
  'twilioaccount.status.conditions',
  'twilioaccount.status.held',
]

type Wanted = Pick<Kind, 'kind' | 'plural'> & { readonly needed: Fields }

/** Made once: each create asks. */
const WANTED: readonly Wanted[] = [SINK_KIND, TWILIO_ACCOUNT_KIND].map(({ kind, plural, spec, status }) => ({
  kind,
  plural,
  needed: { properties: { spec: structuralSchema(spec), status: structuralSchema(status) } },
}))

/** `document` is what the API server answers at `/openapi/v3/apis/GROUP/VERSION`; undefined: it serves none of the kinds. */
export function missingFields(document: unknown): MissingFields {
  const missing = WANTED.flatMap((wanted) => missingOf(wanted, document))
  return { needed: missing.filter(isNeeded), others: missing.filter((path) => !isNeeded(path)) }
}

/** Also when all of a kind or its status is missing, or a part of the field. */
function isNeeded(path: string): boolean {
  return NEEDED_FIELDS.some((field) => isWithin(field, path) || isWithin(path, field))
}

const isWithin = (path: string, parent: string): boolean =>
  path === parent || path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`)

function missingOf({ kind, plural, needed }: Wanted, document: unknown): string[] {
  const live = schemaOf(kind, document)
  const name = kind.toLowerCase()
  if (live === undefined) return [name]
  // Without the subresource the operator's status writes are refused, and everybody's writes reach the status.
  const hasStatus = statusPath(plural) in at(document, 'paths')
  return [...new Set([...(hasStatus ? [] : [`${name}.status`]), ...lacking(needed, live, name)])]
}

const statusPath = (plural: string): string =>
  `/apis/${API_VERSION}/namespaces/{namespace}/${plural}/{name}/status`

function schemaOf(kind: string, document: unknown): Fields | undefined {
  return Object.values(at(document, 'components', 'schemas'))
    .map(fieldsOf)
    .find(({ [GROUP_VERSION_KIND]: kinds }) => listOf(kinds).some((one) => isKind(fieldsOf(one), kind)))
}

const GROUP_VERSION_KIND = 'x-kubernetes-group-version-kind'
const isKind = ({ group, version, kind }: Fields, wanted: string): boolean =>
  group === GROUP && version === API_GROUP_VERSION && kind === wanted

/** Paths of what `live` would drop of an object that fits `needed`. */
function lacking(needed: Fields, live: Fields, path: string): string[] {
  const named = at(live, 'properties')
  const properties = Object.entries(at(needed, 'properties')).flatMap(([name, schema]) => {
    const found = named[name] ?? valuesOf(live)
    return below(schema, found, `${path}.${name}`, keepsUnknown(live))
  })
  return [
    ...properties,
    ...below(needed['items'], live['items'], `${path}[]`, keepsUnknown(live)),
    ...below(needed['additionalProperties'], valuesOf(live), `${path}.*`, keepsUnknown(live)),
  ]
}

function below(needed: unknown, live: unknown, path: string, isKept: boolean): string[] {
  if (needed === undefined || live === true) return []
  if (live === undefined || live === false) return isKept ? [] : [path]
  return lacking(fieldsOf(needed), fieldsOf(live), path)
}

const valuesOf = (live: Fields): unknown => live['additionalProperties']
const keepsUnknown = (live: Fields): boolean => live['x-kubernetes-preserve-unknown-fields'] === true

type Fields = Readonly<Record<string, unknown>>

/** Whatever is no object has no fields. */
function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

const at = (value: unknown, ...path: readonly string[]): Fields =>
  path.reduce<Fields>((fields, name) => fieldsOf(fields[name]), fieldsOf(value))

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
