import { type Kind } from '../gitops/reading.ts'
import { readyCondition, type SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import type { Site } from './site.ts'

/** Somebody who works in one namespace. */
export type Person = {
  readonly namespace: string
  apply(kind: Kind, name: string, spec: Readonly<Record<string, unknown>>): Promise<void>
  patch(kind: Kind, name: string, change: unknown): Promise<void>
  /** Without waiting for a finalizer. */
  remove(kind: Kind, name: string): Promise<void>
  look(kind: Kind, name: string): Promise<SinkObject | undefined>
  /** Waits until the object is as the predicate says. */
  see(what: string, kind: Kind, name: string, is: (object: SinkObject) => boolean): Promise<SinkObject>
  gone(kind: Kind, name: string): Promise<void>
  /** A Secret with credentials for Twilio: the right ones, or others. */
  secret(name: string, secret: string): Promise<void>
}

const WITHIN_MS = 60_000

export function personIn({ api, key }: Site, namespace: string): Person {
  const path = (kind: Kind, name: string): string =>
    `/apis/events.twilio.com/v1alpha1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`
  const must = async (...request: Parameters<typeof api>): Promise<void> => {
    const { status, body } = await api(...request)
    if (status >= 300) throw new Error(`${request[0]} ${request[1]}: ${JSON.stringify(body)}`)
  }
  const apply = (where: string, body: unknown): Promise<void> =>
    must('PATCH', `${where}?fieldManager=person&force=true`, { type: 'apply-patch+yaml', body })
  const look: Person['look'] = async (kind, name) => {
    const { status, body } = await api('GET', path(kind, name))
    return status === 200 ? (body as SinkObject) : undefined
  }
  return {
    namespace,
    look,
    apply: (kind, name, spec) =>
      apply(path(kind, name), { apiVersion: 'events.twilio.com/v1alpha1', kind, metadata: { name }, spec }),
    patch: (kind, name, body) => must('PATCH', path(kind, name), { type: 'merge-patch+json', body }),
    remove: (kind, name) => must('DELETE', path(kind, name)),
    see: (what, kind, name, is) =>
      until(
        `${kind} ${namespace}/${name} ${what}`,
        async () => {
          const object = await look(kind, name)
          return object !== undefined && is(object) && object
        },
        WITHIN_MS,
      ),
    gone: async (kind, name) =>
      void (await until(`${name} is gone`, async () => (await look(kind, name)) === undefined, WITHIN_MS)),
    secret: (name, secret) =>
      apply(`/api/v1/namespaces/${namespace}/secrets/${name}`, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name },
        stringData: { TWILIO_API_KEY: key.sid, TWILIO_API_SECRET: secret },
      }),
  }
}

export const isRefused = (object: SinkObject): boolean => readyCondition(object)?.reason === 'Unauthorized'

export const webhook = (name: string, more: Readonly<Record<string, unknown>> = {}) => ({
  description: `Events for ${name}`,
  webhook: { destination: `https://${name}.example.com/twilio` },
  ...more,
})

/** Asks for a look at a Sink and waits until there was one: then the present leader is at work. */
export async function seeAgain(person: Person, name: string): Promise<void> {
  const now = new Date().toISOString()
  await person.patch('Sink', name, {
    metadata: { annotations: { 'events.twilio.com/reconcile-requested-at': now } },
  })
  await person.see('is looked at', 'Sink', name, ({ status }) => status.lastHandledReconcileAt === now)
}
