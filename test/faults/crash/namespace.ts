import type { SinkObject } from '../../rigs/sink-object.ts'
import { Refused, type CallApi } from '../../rigs/control-plane/api-access.ts'

/** One namespace of the API server, past every proxy: what a person does, and what the oracle sees. */
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

export async function createNamespace(call: CallApi, name: string): Promise<Namespace> {
  await call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  const sinks = `${OURS}/namespaces/${name}/sinks`
  const collections = {
    Sink: sinks,
    Secret: `/api/v1/namespaces/${name}/secrets`,
    TwilioAccount: `${OURS}/namespaces/${name}/twilioaccounts`,
  }
  const sink = async (called: string): Promise<SinkObject | undefined> =>
    (await call('GET', `${sinks}/${called}`)) as SinkObject | undefined

  const replaceSink = async (
    called: string,
    manifest: Manifest,
    tries = CONFLICTS_SURVIVED,
  ): Promise<void> => {
    const live = await sink(called)
    const { resourceVersion } = live?.metadata ?? {}
    const body = { ...manifest, metadata: { ...manifest.metadata, resourceVersion } }
    try {
      await call('PUT', `${sinks}/${called}`, body)
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 409 || tries === 0) throw error
      await replaceSink(called, manifest, tries - 1)
    }
  }

  return {
    name,
    sink,
    sinks: async () => ((await call('GET', sinks)) as { items: SinkObject[] }).items,
    create: async (object) => {
      await call('POST', collections[object.kind], object)
    },
    patchSink: async (called, change) => {
      await call('PATCH', `${sinks}/${called}`, change)
    },
    replaceSink: (called, manifest) => replaceSink(called, manifest),
    deleteSink: async (called) => {
      await call('DELETE', `${sinks}/${called}`)
    },
    patchSecret: async (called, values) => {
      await call('PATCH', `${collections.Secret}/${called}`, { stringData: values })
    },
    accounts: async () => {
      const { items } = (await call('GET', collections.TwilioAccount)) as { items: SinkObject[] }
      return items.map(({ metadata }) => metadata.name)
    },
    patchAccount: async (called, change) => {
      await call('PATCH', `${collections.TwilioAccount}/${called}`, change)
    },
    deleteAccount: async (called) => {
      await call('DELETE', `${collections.TwilioAccount}/${called}`)
    },
  }
}
