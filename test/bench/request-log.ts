import { open, stat } from 'node:fs/promises'
import { z } from 'zod'
import type { Counts } from './figures.ts'

/** What the API server's audit log says of a request, as far as it is counted. */
const Audited = z.object({
  verb: z.string(),
  requestURI: z.string(),
  userAgent: z.string().default(''),
  objectRef: z.object({ resource: z.string(), subresource: z.string().optional() }).optional(),
})

/** Undefined: somebody else's. */
export function requestKind(line: string, userAgent: string): string | undefined {
  // Most lines are of others, and reading one takes longer.
  if (!line.includes(userAgent)) return undefined
  const audited = Audited.parse(JSON.parse(line))
  if (!audited.userAgent.startsWith(userAgent)) return undefined
  const { verb, requestURI, objectRef } = audited
  const [path] = requestURI.split('?')
  const what = objectRef && [objectRef.resource, objectRef.subresource].filter(Boolean).join('/')
  return `${verb} ${what ?? path ?? ''}`
}

/** Counts the requests of one client, as the API server logs them: a watch, when it ends. */
export class RequestLog {
  readonly #path: string
  readonly #userAgent: string
  readonly #counts: Record<string, number> = {}
  #read = 0
  /** The beginning of a line whose end is not written yet. */
  #rest = ''

  constructor(path: string, userAgent: string) {
    this.#path = path
    this.#userAgent = userAgent
  }

  /** All so far. A request's line may come a moment after its answer. */
  async counts(): Promise<Counts> {
    const lines = `${this.#rest}${await this.#news()}`.split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      const kind = requestKind(line, this.#userAgent)
      if (kind !== undefined) this.#counts[kind] = (this.#counts[kind] ?? 0) + 1
    }
    return { ...this.#counts }
  }

  async #news(): Promise<string> {
    const { size } = await stat(this.#path)
    const file = await open(this.#path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - this.#read), { position: this.#read })
      this.#read += bytesRead
      return buffer.subarray(0, bytesRead).toString('utf8')
    } finally {
      await file.close()
    }
  }
}
