import { z } from 'zod'
import { Metadata } from './metadata.ts'

/** An object that this version cannot read: an older CRD, a status edited by hand. */
export type Unreadable = {
  ok: false
  /** `namespace/name`, as in the work queue. */
  key: string
  metadata: Metadata
  /** Names the field and what was expected there; never a value. */
  problem: string
}

/** What remains of an object whose metadata cannot be read either, which no API server sends. */
const NO_METADATA: Metadata = {
  name: '',
  namespace: '',
  uid: '',
  resourceVersion: '',
  generation: 0,
  creationTimestamp: '',
  finalizers: [],
  annotations: {},
  labels: {},
}

const WithMetadata = z.object({ metadata: Metadata })

export function parseObject<T>(schema: z.ZodType<T>, value: unknown): { ok: true; value: T } | Unreadable {
  const read = schema.safeParse(value)
  if (read.success) return { ok: true, value: read.data }
  const known = WithMetadata.safeParse(value)
  const metadata = known.success ? known.data.metadata : NO_METADATA
  return {
    ok: false,
    key: `${metadata.namespace}/${metadata.name}`,
    metadata,
    problem: problemIn(read.error.issues),
  }
}

/** Whoever edits a status by hand can make thousands, each with a name of any length. */
const MOST_ISSUES = 5
const LONGEST_PROBLEM = 512

function problemIn(issues: readonly z.core.$ZodIssue[]): string {
  const all = issues.slice(0, MOST_ISSUES).map(describe).join('; ')
  return all.length <= LONGEST_PROBLEM ? all : `${all.slice(0, LONGEST_PROBLEM - 1).toWellFormed()}…`
}

function describe({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`
}
