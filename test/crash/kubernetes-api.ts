import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import type { ClusterAddress } from '../control-plane/cluster-access.ts'

/** The API server over plain HTTP, past every proxy: what a person does, and what the oracle sees. */
export interface KubernetesApi {
  /** The parsed answer; undefined for a 404. Rejects for every other status from 400 on. */
  call(method: string, path: string, body?: unknown): Promise<unknown>
}

/** An answer that says no. */
export class Refused extends Error {
  readonly status: number

  constructor(what: string, status: number, body: string) {
    super(`${what}: ${status} ${body.slice(0, 500)}`)
    this.status = status
  }
}

export interface KubernetesObject {
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly resourceVersion: string
    readonly generation: number
    readonly deletionTimestamp?: string
    readonly finalizers?: readonly string[]
    readonly annotations?: Readonly<Record<string, string>>
  }
}

export interface SinkObject extends KubernetesObject {
  readonly spec: Readonly<Record<string, unknown>> & { readonly description: string }
  readonly status?: {
    readonly subscriptions?: readonly string[]
    readonly sid?: string
    readonly observedGeneration?: number
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason: string
    }[]
  }
}

const TIMEOUT_MS = 20_000

/** As the administrator whose token the kubeconfig of the control plane holds. */
export function kubernetesApi({
  url,
  kubeconfigPath,
  certificateAuthorityPath,
}: ClusterAddress): KubernetesApi {
  const ca = readFileSync(certificateAuthorityPath)
  const token = /token: (?<token>\S+)/u.exec(readFileSync(kubeconfigPath, 'utf8'))?.groups?.['token'] ?? ''
  const agent = new Agent({ keepAlive: true })
  const send = (method: string, path: string, text: string | undefined): Promise<[number, string]> =>
    new Promise((resolve, reject) => {
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
      const headers = { authorization: `Bearer ${token}`, accept: 'application/json', 'content-type': type }
      const options = { method, headers, ca, agent, timeout: TIMEOUT_MS }
      const sent = request(`${url}${path}`, options, (response) => {
        let answer = ''
        response.setEncoding('utf8').on('data', (part: string) => (answer += part))
        response.on('end', () => resolve([response.statusCode ?? 0, answer]))
        response.on('error', reject)
      })
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer in time`)))
      sent.on('error', reject)
      sent.end(text)
    })
  return {
    call: async (method, path, body) => {
      const [status, text] = await send(method, path, body === undefined ? undefined : JSON.stringify(body))
      if (status === 404) return undefined
      if (status >= 400) throw new Refused(`${method} ${path}`, status, text)
      return JSON.parse(text) as unknown
    },
  }
}

/** One namespace of it. */
export interface Namespace {
  readonly name: string
  sink(name: string): Promise<SinkObject | undefined>
  sinks(): Promise<readonly SinkObject[]>
  create(object: Manifest): Promise<void>
  /** Merge patch of a Sink. */
  patchSink(name: string, change: unknown): Promise<void>
  /** As `kubectl replace` does: everything but `manifest` is gone, finalizers and annotations too. */
  replaceSink(name: string, manifest: Manifest): Promise<void>
  deleteSink(name: string): Promise<void>
  patchSecret(name: string, values: Readonly<Record<string, string>>): Promise<void>
  /** Names of the TwilioAccounts. */
  accounts(): Promise<readonly string[]>
  /** Merge patch of a TwilioAccount. */
  patchAccount(name: string, change: unknown): Promise<void>
  deleteAccount(name: string): Promise<void>
}

export interface Manifest {
  readonly apiVersion: string
  readonly kind: 'Sink' | 'Secret' | 'TwilioAccount'
  readonly metadata: { readonly name: string }
  readonly [field: string]: unknown
}

const OURS = '/apis/events.twilio.com/v1alpha1'
const CONFLICTS_SURVIVED = 20

export async function createNamespace(api: KubernetesApi, name: string): Promise<Namespace> {
  await api.call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  const sinks = `${OURS}/namespaces/${name}/sinks`
  const collections = {
    Sink: sinks,
    Secret: `/api/v1/namespaces/${name}/secrets`,
    TwilioAccount: `${OURS}/namespaces/${name}/twilioaccounts`,
  }
  const sink = async (called: string): Promise<SinkObject | undefined> =>
    (await api.call('GET', `${sinks}/${called}`)) as SinkObject | undefined

  const replaceSink = async (
    called: string,
    manifest: Manifest,
    tries = CONFLICTS_SURVIVED,
  ): Promise<void> => {
    const live = await sink(called)
    const { resourceVersion } = live?.metadata ?? {}
    const body = { ...manifest, metadata: { ...manifest.metadata, resourceVersion } }
    try {
      await api.call('PUT', `${sinks}/${called}`, body)
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 409 || tries === 0) throw error
      await replaceSink(called, manifest, tries - 1)
    }
  }

  return {
    name,
    sink,
    sinks: async () => ((await api.call('GET', sinks)) as { items: SinkObject[] }).items,
    create: async (object) => {
      await api.call('POST', collections[object.kind], object)
    },
    patchSink: async (called, change) => {
      await api.call('PATCH', `${sinks}/${called}`, change)
    },
    replaceSink: (called, manifest) => replaceSink(called, manifest),
    deleteSink: async (called) => {
      await api.call('DELETE', `${sinks}/${called}`)
    },
    patchSecret: async (called, values) => {
      await api.call('PATCH', `${collections.Secret}/${called}`, { stringData: values })
    },
    accounts: async () => {
      const { items } = (await api.call('GET', collections.TwilioAccount)) as { items: KubernetesObject[] }
      return items.map(({ metadata }) => metadata.name)
    },
    patchAccount: async (called, change) => {
      await api.call('PATCH', `${collections.TwilioAccount}/${called}`, change)
    },
    deleteAccount: async (called) => {
      await api.call('DELETE', `${collections.TwilioAccount}/${called}`)
    },
  }
}
