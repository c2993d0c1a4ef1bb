import { z } from 'zod'

/** The few fields of `metav1.ObjectMeta` that the operator uses, as the API server returns them. */
export const Metadata = z.object({
  name: z.string(),
  namespace: z.string(),
  uid: z.string(),
  /** Opaque; compared only where Kubernetes says that it may be. */
  resourceVersion: z.string(),
  generation: z.int(),
  /** RFC 3339, in seconds. */
  creationTimestamp: z.string(),
  /** RFC 3339, in seconds; present from the moment somebody asked for the deletion. */
  deletionTimestamp: z.string().optional(),
  finalizers: z.array(z.string()).default([]),
  annotations: z.record(z.string(), z.string()).default({}),
  labels: z.record(z.string(), z.string()).default({}),
})
export type Metadata = z.infer<typeof Metadata>

export type Parsed<T> = Readable<T> | Unreadable<T>

export interface Readable<T> {
  readonly readable: true
  readonly object: T
}

/** An object that this version cannot read as a whole: an older or newer CRD, a status edited by hand. */
export interface Unreadable<T> {
  readonly readable: false
  /** Names the field and what was expected there; never a value. */
  readonly problem: string
  /** What can be read of it all the same; undefined where not even its metadata can. */
  readonly partial: PartialObject<T> | undefined
}

/** What can be read of an object of the kind `T`. A whole object is one, too. */
export type PartialObject<T> = T extends { metadata: infer M; spec: infer Spec; status: infer Status }
  ? {
      readonly metadata: M
      readonly spec: { readonly [Name in keyof Spec]?: Spec[Name] | undefined }
      readonly status: { readonly [Name in keyof Status]?: Status[Name] | undefined }
      /** What is there and cannot be read: `spec.import`; `status`, where the whole of it is no object. */
      readonly unread?: ReadonlySet<string>
    }
  : never

const WithMetadata = z.object({ metadata: Metadata })

/** Never throws: what cannot be read becomes a problem that names the field, so that one object never stops the others. */
export function parseObject<T>(
  schema: z.ZodType<T>,
  readPart: (value: unknown, metadata: Metadata) => PartialObject<T>,
  value: unknown,
): Parsed<T> {
  const read = schema.safeParse(value)
  if (read.success) return { readable: true, object: read.data }
  const known = WithMetadata.safeParse(value)
  const partial = known.success ? readPart(value, known.data.metadata) : undefined
  return { readable: false, problem: problemIn(read.error.issues), partial }
}

/**
 * Reads `spec` and `status` member by member, so that one field that is not understood does not hide that there is a
 * sink at Twilio, or whose it is.
 */
export function memberwise<Spec extends z.ZodRawShape, Status extends z.ZodRawShape>(
  spec: Spec,
  status: Status,
) {
  const schemas = { spec: z.object(spec).partial(), status: z.object(status).partial() }
  return (value: unknown, metadata: Metadata) => {
    const sections = isObject(value) ? value : {}
    const unread = new Set<string>()
    const members = (name: 'spec' | 'status', shape: z.ZodRawShape) => {
      const section = sections[name]
      if (isObject(section))
        return readableMembers(section, shape, (member) => unread.add(`${name}.${member}`))
      if (section !== undefined) unread.add(name)
      return {}
    }
    return {
      metadata,
      spec: schemas.spec.parse(members('spec', spec)),
      status: schemas.status.parse(members('status', status)),
      unread,
    }
  }
}

function readableMembers(
  section: Readonly<Record<string, unknown>>,
  shape: z.ZodRawShape,
  isUnread: (member: string) => void,
): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const [member, schema] of Object.entries(shape)) {
    const value = section[member]
    if (value === undefined) continue
    if (z.safeParse(schema, value).success) found[member] = value
    else isUnread(member)
  }
  return found
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A person who edits a status by hand can make thousands, each with a name of any length. */
const MOST_ISSUES = 5
const LONGEST_PROBLEM = 512

function problemIn(issues: readonly z.core.$ZodIssue[]): string {
  const all = issues.slice(0, MOST_ISSUES).map(describe).join('; ')
  return all.length <= LONGEST_PROBLEM ? all : `${all.slice(0, LONGEST_PROBLEM - 1).toWellFormed()}…`
}

function describe({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`
}
