import { open, stat } from 'node:fs/promises'
import { z } from 'zod'

const WRITING_VERBS = ['create', 'update', 'patch', 'delete', 'deletecollection']

/** One answered request, as far as tests ask about it; the API server calls it an audit event. */
export const AuditedRequest = z.object({
  auditID: z.string(),
  verb: z.string(),
  requestURI: z.string(),
  userAgent: z.string().optional(),
  user: z.object({ username: z.string() }),
  objectRef: z.object({
    apiGroup: z.string().default(''),
    resource: z.string(),
    subresource: z.string().optional(),
    namespace: z.string().optional(),
    name: z.string().optional(),
  }),
  responseStatus: z.object({ code: z.number() }).optional(),
  stageTimestamp: z.string(),
})
export type AuditedRequest = z.infer<typeof AuditedRequest>

/** A place in the log: as `since` it leaves only what came later. */
export type AuditMark = number

/** One API server is shared by many tests, which write at the same time: each reads the lines of its own namespace. */
export type AuditScope = { readonly namespace: string; readonly since?: AuditMark }

export type AuditLog = {
  path: string
  mark(): Promise<AuditMark>
  /** A request's line may come a moment after its answer. */
  requests(scope: AuditScope): Promise<AuditedRequest[]>
  /** Those that ask for a change, refused ones too: see `responseStatus.code`. */
  writes(scope: AuditScope): Promise<AuditedRequest[]>
}

export function auditLog(path: string): AuditLog {
  const requests = async ({ namespace, since = 0 }: AuditScope): Promise<AuditedRequest[]> => {
    const text = await textFrom(path, since)
    // The last line may still be being written.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    const lines = whole.split('\n').filter((line) => line !== '')
    const all = lines.map((line) => AuditedRequest.parse(JSON.parse(line)))
    return all.filter(({ objectRef }) => objectRef.namespace === namespace)
  }
  return {
    path,
    mark: async () => (await stat(path)).size,
    requests,
    writes: async (scope) => (await requests(scope)).filter(({ verb }) => WRITING_VERBS.includes(verb)),
  }
}

async function textFrom(path: string, start: number): Promise<string> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(0, size - start)), {
      position: start,
    })
    return buffer.subarray(0, bytesRead).toString('utf8')
  } finally {
    await file.close()
  }
}
