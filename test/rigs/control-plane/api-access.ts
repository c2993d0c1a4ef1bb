import { readFileSync } from 'node:fs'
import * as yaml from 'js-yaml'
import { Agent, request } from 'undici'
import { z } from 'zod'
import type { ClusterAddress } from './cluster-access.ts'

const Kubeconfig = z.object({ users: z.array(z.object({ user: z.object({ token: z.string() }) })).length(1) })

export interface ApiAnswer {
  readonly status: number
  /** Parsed, or the text where it is no JSON. */
  readonly body: unknown
}

/** A person at the API server, without the processor time that each kubectl costs. Rejects when there is no answer. */
export type ApiAccess = (
  method: string,
  path: string,
  sending?: ApiSending,
  /** Somebody in whose name it is asked, with their rights; default the administrator. */
  as?: string,
) => Promise<ApiAnswer>

export interface ApiSending {
  readonly type: 'merge-patch+json' | 'apply-patch+yaml' | 'json'
  readonly body: unknown
}

const TIMEOUT_MS = 20_000

/** Who asks, as the kubeconfig of the control plane has it, and whom to trust. */
export function administratorOf({ kubeconfigPath, certificateAuthorityPath }: ClusterAddress) {
  const { users } = Kubeconfig.parse(yaml.load(readFileSync(kubeconfigPath, 'utf8')))
  return {
    authorization: `Bearer ${users[0]!.user.token}`,
    ca: readFileSync(certificateAuthorityPath),
  }
}

export function apiAccess(cluster: ClusterAddress): ApiAccess {
  const { authorization, ca } = administratorOf(cluster)
  const timeouts = { headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS }
  const dispatcher = new Agent({ connect: { ca }, ...timeouts })
  return async (method, path, sending, as) => {
    const { statusCode, body } = await request(cluster.url + path, {
      dispatcher,
      method: method as 'GET',
      headers: {
        authorization,
        'user-agent': 'a-person',
        ...(sending && { 'content-type': `application/${sending.type}` }),
        ...(as !== undefined && { 'impersonate-user': as, 'impersonate-group': 'system:authenticated' }),
      },
      ...(sending && { body: JSON.stringify(sending.body) }),
    })
    return { status: statusCode, body: parsed(await body.text()) }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** An answer that says no. */
export class Refused extends Error {
  readonly status: number

  constructor(what: string, { status, body }: ApiAnswer) {
    super(`${what}: ${status} ${JSON.stringify(body).slice(0, 500)}`)
    this.status = status
  }
}

/** Resolves with what is answered; undefined for a 404. Rejects for every other status from 400 on. */
export type CallApi = (method: string, path: string, body?: unknown) => Promise<unknown>

export function apiCalls(cluster: ClusterAddress): CallApi {
  const api = apiAccess(cluster)
  return async (method, path, body) => {
    const type = method === 'PATCH' ? 'merge-patch+json' : 'json'
    const answer = await api(method, path, body === undefined ? undefined : { type, body })
    if (answer.status === 404) return undefined
    if (answer.status >= 400) throw new Refused(`${method} ${path}`, answer)
    return answer.body
  }
}
