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

/** A place in the log: hand it to `requests` or `writes` to see only what came later. */
export type AuditMark = number

export type AuditLog = {
  path: string
  mark(): Promise<AuditMark>
  /** All audited requests. A request's line may come a moment after its answer. */
  requests(since?: AuditMark): Promise<AuditedRequest[]>
  /** Those that ask for a change, refused ones too: see `responseStatus.code`. */
  writes(since?: AuditMark): Promise<AuditedRequest[]>
}

export function auditLog(path: string): AuditLog {
  const requests = async (since: AuditMark = 0): Promise<AuditedRequest[]> => {
    const text = await textFrom(path, since)
    // The last line may still be being written.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    const lines = whole.split('\n').filter((line) => line !== '')
    return lines.map((line) => AuditedRequest.parse(JSON.parse(line)))
  }
  return {
    path,
    mark: async () => (await stat(path)).size,
    requests,
    writes: async (since) => (await requests(since)).filter(({ verb }) => WRITING_VERBS.includes(verb)),
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
