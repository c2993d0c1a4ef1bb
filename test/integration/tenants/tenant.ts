import { type Keys } from '../holds/holds-stage.ts'
import { until } from '../../rigs/until.ts'
import type { ApiAnswer, ApiAccess } from '../../rigs/control-plane/api-access.ts'
import type { NamespacedObject } from './history.ts'

export type AppliedKind = 'Sink' | 'TwilioAccount' | 'Secret'

/** Somebody who may do in one namespace what their role there lets them, and nothing anywhere else. */
export interface Tenant {
  readonly namespace: string
  readonly name: string
  /** Each body that they have sent: they know what is in it. */
  readonly wrote: readonly string[]
  /** Server-side apply. Rejects when it is refused, as all of these do. */
  apply(
    kind: AppliedKind,
    name: string,
    body: object,
    annotations?: Readonly<Record<string, string>>,
  ): Promise<void>
  /** A merge patch. */
  patch(kind: AppliedKind, name: string, change: object): Promise<void>
  /** A merge patch of the status, which no role of the chart allows. */
  patchStatus(kind: AppliedKind, name: string, status: object): Promise<void>
  /** Without waiting for the finalizer; also when it is gone already. */
  remove(kind: AppliedKind, name: string): Promise<void>
  look(kind: AppliedKind, name: string): Promise<NamespacedObject | undefined>
  /** A Secret and the TwilioAccount that names it. */
  account(name: string, accountSid: string, keys: Keys, spec?: object): Promise<void>
  /** A webhook Sink. */
  sink(name: string, spec?: object): Promise<void>
}

const API_VERSION = 'events.twilio.com/v1alpha1'
const RIGHTS_WITHIN_MS = 20_000

/** Of all namespaces without one, of all objects without a name. */
export function pathOf(kind: AppliedKind, namespace: string, name: string): string {
  const group = kind === 'Secret' ? '/api/v1' : `/apis/${API_VERSION}`
  const within = namespace === '' ? group : `${group}/namespaces/${namespace}`
  const all = `${within}/${kind.toLowerCase()}s`
  return name === '' ? all : `${all}/${name}`
}

export const webhookFor = (name: string): object => ({
  description: `Events for ${name}`,
  webhook: { destination: `https://${name}.example.com/events` },
})

/** Binds the ClusterRole in the namespace, and resolves when the API server has learnt of it. */
export async function createTenant(api: ApiAccess, namespace: string, clusterRole: string): Promise<Tenant> {
  const name = `tenant-of-${namespace}`
  await bind(api, namespace, { name: 'tenant', clusterRole, subject: { kind: 'User', name } })
  const wrote: string[] = []
  const ask = (method: string, path: string, sending?: Parameters<ApiAccess>[2]): Promise<ApiAnswer> => {
    if (sending !== undefined) wrote.push(JSON.stringify(sending.body))
    return api(method, path, sending, name)
  }
  const must = async (...request: Parameters<typeof ask>): Promise<void> => {
    const { status, body } = await ask(...request)
    if (status >= 300 && !(status === 404 && request[0] === 'DELETE'))
      throw new Error(`${name}: ${request[0]} ${request[1]}: ${status} ${JSON.stringify(body)}`)
  }
  const path = (kind: AppliedKind, object: string): string => pathOf(kind, namespace, object)
  const apply: Tenant['apply'] = (kind, object, body, annotations) =>
    must('PATCH', `${path(kind, object)}?fieldManager=person&force=true`, {
      type: 'apply-patch+yaml',
      body: {
        apiVersion: kind === 'Secret' ? 'v1' : API_VERSION,
        kind,
        metadata: { name: object, ...(annotations && { annotations }) },
        ...body,
      },
    })
  await until(
    `${name} has rights`,
    async () => {
      const { status } = await ask('GET', path('Sink', ''))
      return status === 200
    },
    RIGHTS_WITHIN_MS,
  )
  return {
    namespace,
    name,
    wrote,
    apply,
    patch: (kind, object, body) => must('PATCH', path(kind, object), { type: 'merge-patch+json', body }),
    patchStatus: (kind, object, status) =>
      must('PATCH', `${path(kind, object)}/status`, { type: 'merge-patch+json', body: { status } }),
    remove: (kind, object) => must('DELETE', path(kind, object)),
    look: async (kind, object) => {
      const { status, body } = await ask('GET', path(kind, object))
      return status === 200 ? (body as NamespacedObject) : undefined
    },
    account: async (object, accountSid, stringData, spec = {}) => {
      await apply('Secret', object, { stringData })
      await apply('TwilioAccount', object, {
        spec: { accountSid, credentialsSecretRef: { name: object }, ...spec },
      })
    },
    sink: (object, spec = {}) => apply('Sink', object, { spec: { ...webhookFor(object), ...spec } }),
  }
}

interface Bound {
  readonly name: string
  readonly clusterRole: string
  readonly subject: {
    readonly kind: 'User' | 'ServiceAccount'
    readonly name: string
    readonly namespace?: string
  }
}

export async function bind(api: ApiAccess, namespace: string, bound: Bound): Promise<void> {
  const { name, clusterRole, subject } = bound
  const group = { apiGroup: 'rbac.authorization.k8s.io' }
  const { status, body } = await api(
    'POST',
    `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`,
    {
      type: 'json',
      body: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name },
        roleRef: { ...group, kind: 'ClusterRole', name: clusterRole },
        subjects: [{ ...(subject.kind === 'User' && group), ...subject }],
      },
    },
  )
  if (status >= 300) throw new Error(`RoleBinding ${name}: ${status} ${JSON.stringify(body)}`)
}
