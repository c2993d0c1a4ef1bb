import { setTimeout as sleep } from 'node:timers/promises'
import { subscriptionForm, webhookForm } from '../simulator/api-caller.ts'
import type { SinkView } from '../simulator/sink-administration.ts'
import type { Answer } from '../integration/operator/lifecycle-api-access.ts'
import type { Chance } from './chance.ts'
import { NAMESPACE, type Scene } from './scene.ts'

const SINKS = `/apis/events.twilio.com/v1alpha1/namespaces/${NAMESPACE}/sinks`
/** How many Sinks live at a time; the account holds a hundred. */
const FEWEST = 20
const MOST = 50
/** People go on to something else when a frozen server does not answer; milliseconds. */
const PATIENCE = 10_000

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

/** Who creates, edits and deletes Sinks, and changes sinks at Twilio by hand. */
export interface People {
  /** One thing, by chance. What an outage refuses is not done. */
  act(): Promise<void>
  /** Takes away what stands in the way of an end at rest. */
  tidyUp(): Promise<void>
  objects(): Promise<readonly Seen[]>
  readonly deletionAsked: ReadonlySet<string>
  readonly notOurs: ReadonlySet<string>
  readonly letGoNames: ReadonlySet<string>
  readonly actions: number
  /** What was done to an object, oldest first. */
  storyOf(name: string): readonly string[]
}

/** The name of the object that a description tells of. */
export const tellsOf = (description: string | null): string | undefined =>
  /^Soak (\S+)/u.exec(description ?? '')?.[1]

export function gather({ api, twilio, other, broken }: Scene, chance: Chance): People {
  const deletionAsked = new Set<string>()
  const notOurs = new Set<string>()
  const letGoNames = new Set<string>()
  const stories = new Map<string, string[]>()
  let named = 0
  let actions = 0

  const objects = async (): Promise<readonly Seen[]> => {
    const { status, body } = await api('GET', SINKS)
    if (status !== 200) throw new Error(`LIST Sinks: ${status}`)
    return (body as { items: Seen[] }).items
  }
  const tell = (name: string, what: string): void => {
    const at = new Date().toISOString()
    stories.set(name, [...(stories.get(name) ?? []), `${at} ${what}`])
  }
  const apply = (name: string, spec: object): Promise<Answer> => {
    tell(name, `applied ${JSON.stringify(spec)}`)
    const body = { apiVersion: 'events.twilio.com/v1alpha1', kind: 'Sink', metadata: { name }, spec }
    const where = `${SINKS}/${name}?fieldManager=person&force=true`
    return api('PATCH', where, { type: 'apply-patch+yaml', body })
  }
  const patch = (name: string, body: unknown): Promise<Answer> => {
    tell(name, `patched ${JSON.stringify(body)}`)
    return api('PATCH', `${SINKS}/${name}`, { type: 'merge-patch+json', body })
  }
  const remove = ({ metadata: { name }, spec, status }: Seen): Promise<Answer> => {
    // What was not taken over yet is left to whoever made it.
    if (spec.import !== undefined && status.sid === undefined) letGoNames.add(name)
    deletionAsked.add(name)
    tell(name, 'deleted')
    return api('DELETE', `${SINKS}/${name}`)
  }
  /** A name that was never there. */
  const fresh = (): string => `s-${(named += 1)}`

  const create = async (): Promise<void> => {
    const name = fresh()
    const destination = `https://${name}.example.com/events`
    const kinds = [
      { webhook: { destination } },
      { webhook: { destinationSecretRef: { name: 'values', key: 'url' } } },
      {
        kinesis: {
          arn: `arn:aws:kinesis:us-east-1:111122223333:stream/${name}`,
          roleArn: ROLE,
          externalId: name,
        },
      },
      { segment: { writeKey: `key-of-${name}` } },
    ]
    await apply(name, { description: `Soak ${name}`, ...chance.of(kinds) })
  }

  const importOne = async (): Promise<void> => {
    const name = fresh()
    const destination = `https://${name}.example.com/`
    const configuration = JSON.stringify({ destination, method: 'POST', batch_events: false })
    const form = { ...webhookForm, Description: `Soak ${name}`, SinkConfiguration: configuration }
    const { body, status } = await other('POST', '/v1/Sinks', { form })
    if (status >= 300) return
    notOurs.add(body.sid)
    const answer = await apply(name, {
      description: `Soak ${name}`,
      webhook: { destination },
      import: { sid: body.sid },
      deletionPolicy: 'Delete',
    }).catch(() => undefined)
    // Whoever is not asked to look after it must not touch it.
    if (answer !== undefined && answer.status < 300) notOurs.delete(body.sid)
    // An object that may have come about after all is asked for again.
    else if ((await api('GET', `${SINKS}/${name}`)).status === 200) notOurs.delete(body.sid)
  }

  const orphan = async (one: Seen): Promise<void> => {
    const { metadata, status } = one
    const { name } = metadata
    if (status.sid === undefined) return
    letGoNames.add(name)
    const { status: answer } = await patch(name, { spec: { deletionPolicy: 'Orphan' } })
    if (answer >= 300) return
    notOurs.add(status.sid)
    await remove(one)
  }

  /** What was let go is taken away later, so that the account does not fill up. */
  const clearUp = async (): Promise<void> => {
    const names = new Set((await objects()).map(({ metadata }) => metadata.name))
    const isLeft = (name = ''): boolean => letGoNames.has(name) && !names.has(name)
    const left = (await twilio.sinks()).find(({ description }) => isLeft(tellsOf(description)))
    if (left !== undefined) await twilio.deleteSink(left.sid)
  }

  const deleteWhileUsed = async (one: Seen): Promise<void> => {
    const { sid } = one.status
    if (sid === undefined) return
    await other('POST', '/v1/Subscriptions', { form: subscriptionForm(sid) })
    await remove(one)
  }

  const endUse = async (): Promise<void> => {
    const subscription = chance.of(await twilio.subscriptions())
    if (subscription !== undefined) await other('DELETE', `/v1/Subscriptions/${subscription.sid}`)
  }

  const drift = async ({ status: { sid } }: Seen): Promise<void> => {
    const sink: SinkView | undefined = sid === undefined ? undefined : await twilio.sink(sid)
    if (sink === undefined) return
    const mark = / \[k8s:.*$/u.exec(sink.description)?.[0] ?? ''
    const text = tellsOf(sink.description) ?? ''
    tell(text, `description of ${sink.sid} changed at Twilio`)
    await twilio.changeSink(sink.sid, {
      description: `Soak ${text} by hand${chance.next() < 0.5 ? mark : ''}`,
    })
  }

  const vanish = async ({ metadata: { name }, status: { sid } }: Seen): Promise<void> => {
    if (sid === undefined || notOurs.has(sid)) return
    tell(name, `${sid} deleted at Twilio`)
    await twilio.deleteSink(sid)
  }

  const edit = async ({ metadata: { name } }: Seen): Promise<void> => {
    await patch(name, { spec: { description: `Soak ${name} edited ${actions}` } })
  }
  const suspend = async ({ metadata: { name }, spec }: Seen): Promise<void> => {
    await patch(name, { spec: { suspend: spec.suspend === true ? null : true } })
  }
  const request = async ({ metadata: { name } }: Seen): Promise<void> => {
    const annotations = { 'events.twilio.com/reconcile-requested-at': new Date().toISOString() }
    await patch(name, { metadata: { annotations } })
  }
  const removeOne = async (one: Seen): Promise<void> => void (await remove(one))

  const kinds = [
    { weight: 30, needs: 'room', run: create },
    { weight: 3, needs: 'room', run: importOne },
    { weight: 28, needs: 'plenty', run: removeOne },
    { weight: 3, needs: 'plenty', run: orphan },
    { weight: 2, needs: 'plenty', run: deleteWhileUsed },
    { weight: 14, needs: 'one', run: edit },
    { weight: 6, needs: 'one', run: drift },
    { weight: 2, needs: 'one', run: vanish },
    { weight: 3, needs: 'one', run: suspend },
    { weight: 3, needs: 'one', run: request },
    { weight: 3, needs: 'nothing', run: clearUp },
    { weight: 3, needs: 'nothing', run: endUse },
  ] as const

  const act = async (): Promise<void> => {
    broken.throwIfAborted()
    const kind = chance.weighted(kinds)
    if (kind === undefined) return
    const all = await objects()
    const living = all.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    if (kind.needs === 'room' && all.length >= MOST) return
    if (kind.needs === 'plenty' && living.length < FEWEST) return
    const one = chance.of(living)
    if (kind.needs === 'room' || kind.needs === 'nothing') await kind.run()
    else if (one !== undefined) await kind.run(one)
  }

  const tidyUp = async (): Promise<void> => {
    for (const { sid } of await twilio.subscriptions()) await other('DELETE', `/v1/Subscriptions/${sid}`)
    for (const { metadata, spec } of await objects())
      if (spec.suspend === true) await patch(metadata.name, { spec: { suspend: null } })
  }

  return {
    act: async () => {
      const done = act().catch(() => broken.throwIfAborted())
      await Promise.race([done, sleep(PATIENCE, undefined, { ref: false })])
      actions += 1
    },
    tidyUp,
    objects,
    storyOf: (name) => stories.get(name) ?? [],
    deletionAsked,
    notOurs,
    letGoNames,
    get actions() {
      return actions
    },
  }
}

const ROLE = 'arn:aws:iam::111122223333:role/writer'
