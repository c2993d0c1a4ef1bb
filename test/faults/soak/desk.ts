import type { ApiAnswer } from '../../rigs/control-plane/api-access.ts'
import { SOAK_NAMESPACE, type SoakScene } from './scene.ts'

const SINKS = `/apis/events.twilio.com/v1alpha1/namespaces/${SOAK_NAMESPACE}/sinks`
const ACCOUNT = SINKS.replace(/sinks$/u, 'twilioaccounts/default')

/** The object as far as people here care. */
export interface Seen {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string }
  readonly spec: { readonly suspend?: boolean; readonly import?: unknown }
  readonly status: {
    readonly sid?: string
    readonly observedGeneration: number
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
}

/** What people do at the API server, and what they remember of it. Rejects when an outage refuses it. */
export interface Desk {
  objects(): Promise<readonly Seen[]>
  exists(name: string): Promise<boolean>
  apply(name: string, spec: object): Promise<ApiAnswer>
  patch(name: string, body: unknown): Promise<ApiAnswer>
  remove(one: Seen): Promise<ApiAnswer>
  resume(name: string): Promise<ApiAnswer>
  /** The TwilioAccount, for people to read. */
  account(): Promise<unknown>
  /** Notes what was done elsewhere. */
  tell(name: string, what: string): void
  /** What was done to an object, oldest first. */
  storyOf(name: string): readonly string[]
  /** Names whose deletion was asked for. */
  readonly deletionAsked: Set<string>
  /** SIDs that no object here was asked to look after. */
  readonly notOurs: Set<string>
  /** SIDs that objects were told to orphan. */
  readonly orphaned: Set<string>
  /** Names of objects that were told to let their sink go, or whose import was given up: what tells of them may stay. */
  readonly orphanedNames: Set<string>
}

export function createDesk(api: SoakScene['api']): Desk {
  const deletionAsked = new Set<string>()
  const orphanedNames = new Set<string>()
  const stories = new Map<string, string[]>()
  const tell = (name: string, what: string): void => {
    const at = new Date().toISOString()
    stories.set(name, [...(stories.get(name) ?? []), `${at} ${what}`])
  }
  const patch: Desk['patch'] = (name, body) => {
    tell(name, `patched ${JSON.stringify(body)}`)
    return api('PATCH', `${SINKS}/${name}`, { type: 'merge-patch+json', body })
  }
  const resume: Desk['resume'] = (name) => patch(name, { spec: { suspend: null } })
  return {
    objects: async () => {
      const { status, body } = await api('GET', SINKS)
      if (status !== 200) throw new Error(`LIST Sinks: ${status}`)
      return (body as { items: Seen[] }).items
    },
    exists: async (name) => (await api('GET', `${SINKS}/${name}`)).status === 200,
    apply: (name, spec) => {
      tell(name, `applied ${JSON.stringify(spec)}`)
      const body = { apiVersion: 'events.twilio.com/v1alpha1', kind: 'Sink', metadata: { name }, spec }
      const where = `${SINKS}/${name}?fieldManager=person&force=true`
      return api('PATCH', where, { type: 'apply-patch+yaml', body })
    },
    patch,
    resume,
    account: async () => (await api('GET', ACCOUNT)).body,
    remove: async ({ metadata: { name }, spec, status }) => {
      // What was not taken over yet is left to its maker.
      if (spec.import !== undefined && status.sid === undefined) orphanedNames.add(name)
      deletionAsked.add(name)
      // Else it waits for ever, and soon nothing moves any more.
      if (spec.suspend === true) await resume(name)
      tell(name, 'deleted')
      return api('DELETE', `${SINKS}/${name}`)
    },
    tell,
    storyOf: (name) => stories.get(name) ?? [],
    deletionAsked,
    notOurs: new Set(),
    orphaned: new Set(),
    orphanedNames,
  }
}
