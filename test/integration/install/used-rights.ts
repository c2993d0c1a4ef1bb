import { readFile } from 'node:fs/promises'
import { z } from 'zod'

const AuditEvent = z.object({
  verb: z.string(),
  requestURI: z.string(),
  user: z.object({ username: z.string() }),
  objectRef: z
    .object({
      apiGroup: z.string().default(''),
      resource: z.string(),
      subresource: z.string().optional(),
      namespace: z.string().default(''),
      name: z.string().default(''),
    })
    .optional(),
  responseStatus: z.object({ code: z.number() }).optional(),
})

/** One thing that somebody asked of the API server. */
export type Use = {
  readonly verb: string
  /** `sinks.events.twilio.com/status`; undefined for a path that belongs to no resource, such as discovery. */
  readonly resource: string | undefined
  readonly namespace: string
  readonly name: string
  readonly path: string
  /** 403 when it was refused; 0 when nobody waited for the answer. */
  readonly status: number
}

/** What a service account has asked, by the API server's audit log, without repetitions. */
export async function usesOf(logPath: string, namespace: string, serviceAccount: string): Promise<Use[]> {
  const lines = (await readFile(logPath, 'utf8')).split('\n').filter((line) => line.endsWith('}'))
  const events = lines.map((line) => AuditEvent.parse(JSON.parse(line)))
  const username = `system:serviceaccount:${namespace}:${serviceAccount}`
  const uses = events.filter(({ user }) => user.username === username).flatMap(usesIn)
  return [...new Map(uses.map((use) => [JSON.stringify(use), use])).values()]
}

function usesIn({ verb, requestURI, objectRef, responseStatus }: z.infer<typeof AuditEvent>): Use[] {
  const [path = ''] = requestURI.split('?')
  const { namespace = '', name = '' } = objectRef ?? {}
  const { code: status = 0 } = responseStatus ?? {}
  const use = { verb, resource: objectRef && resourceOf(objectRef), namespace, name, path, status }
  // A server-side apply of what is not there needs both rights.
  return verb === 'patch' && status === 201 ? [use, { ...use, verb: 'create' }] : [use]
}

export const resourceOf = (of: {
  apiGroup: string
  resource: string
  subresource?: string | undefined
}): string =>
  `${of.resource}${of.apiGroup === '' ? '' : `.${of.apiGroup}`}${of.subresource === undefined ? '' : `/${of.subresource}`}`
