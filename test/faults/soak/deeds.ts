import { subscriptionForm, webhookForm } from '../../rigs/simulator/api-caller.ts'
import type { Chance } from './chance.ts'
import type { Desk, Seen } from './desk.ts'
import type { SoakScene } from './scene.ts'

/** One kind of thing that people do, and how often. */
export type Deed = { readonly weight: number } & (
  | { readonly needs: 'room' | 'nothing'; run(): Promise<unknown> }
  /** `plenty`: takes a Sink away. */
  | { readonly needs: 'one' | 'plenty'; run(one: Seen): Promise<unknown> }
)

/** The name of the object that a description tells of. */
export const tellsOf = (description: string | null): string | undefined =>
  /^Soak (\S+)/u.exec(description ?? '')?.[1]

export function deedsOf({ twilio, other }: SoakScene, desk: Desk, chance: Chance): readonly Deed[] {
  let named = 0
  let edits = 0
  /** A name that was never there. */
  const fresh = (): string => `s-${(named += 1)}`

  const create = (): Promise<unknown> => {
    const name = fresh()
    return desk.apply(name, { description: `Soak ${name}`, ...chance.of(typesOf(name)) })
  }

  const importOne = async (): Promise<void> => {
    const name = fresh()
    const destination = `https://${name}.example.com/`
    const configuration = JSON.stringify({ destination, method: 'POST', batch_events: false })
    const form = { ...webhookForm, Description: `Soak ${name}`, SinkConfiguration: configuration }
    const { body, status } = await other('POST', '/v1/Sinks', { form })
    if (status >= 300) return
    // An operator that is not asked to look after it must not touch it.
    desk.notOurs.add(body.sid)
    const spec = { import: { sid: body.sid }, deletionPolicy: 'Delete' }
    await desk
      .apply(name, { description: `Soak ${name}`, webhook: { destination }, ...spec })
      .catch(() => undefined)
    // Whatever was answered: it may have come about.
    if (await desk.exists(name)) desk.notOurs.delete(body.sid)
  }

  const orphan = async (one: Seen): Promise<void> => {
    const { metadata, status } = one
    if (status.sid === undefined) return
    desk.orphanedNames.add(metadata.name)
    const answer = await desk.patch(metadata.name, { spec: { deletionPolicy: 'Orphan' } })
    if (answer.status >= 300) return
    desk.orphaned.add(status.sid)
    await desk.remove(one)
  }

  /** What was orphaned is deleted later, so that the account does not fill up. */
  const clearUp = async (): Promise<void> => {
    const names = new Set((await desk.objects()).map(({ metadata }) => metadata.name))
    const isLeft = (name = ''): boolean => desk.orphanedNames.has(name) && !names.has(name)
    const left = (await twilio.sinks()).find(({ description }) => isLeft(tellsOf(description)))
    if (left !== undefined) await twilio.deleteSink(left.sid)
  }

  const deleteWhileUsed = async (one: Seen): Promise<void> => {
    const { sid } = one.status
    if (sid === undefined) return
    await other('POST', '/v1/Subscriptions', { form: subscriptionForm(sid) })
    await desk.remove(one)
  }

  const endUse = async (): Promise<void> => {
    const subscription = chance.of(await twilio.subscriptions())
    if (subscription !== undefined) await other('DELETE', `/v1/Subscriptions/${subscription.sid}`)
  }

  const drift = async ({ status: { sid } }: Seen): Promise<void> => {
    const sink = sid === undefined ? undefined : await twilio.sink(sid)
    if (sink === undefined) return
    const mark = / \[k8s:.*$/u.exec(sink.description)?.[0] ?? ''
    const text = tellsOf(sink.description) ?? ''
    desk.tell(text, `description of ${sink.sid} changed at Twilio`)
    const kept = chance.next() < 0.5 ? mark : ''
    await twilio.changeSink(sink.sid, { description: `Soak ${text} by hand${kept}` })
  }

  /** That of a suspended Sink is not made again, an import never makes one, and many that are missing are held. */
  const vanish = async ({ metadata: { name }, spec, status: { sid } }: Seen): Promise<void> => {
    if (sid === undefined || spec.suspend === true || spec.import !== undefined) return
    desk.tell(name, `${sid} deleted at Twilio`)
    await twilio.deleteSink(sid)
  }

  const change = (of: (one: Seen) => object) => (one: Seen) => desk.patch(one.metadata.name, of(one))
  const edit = change(({ metadata }) => ({
    spec: { description: `Soak ${metadata.name} edited ${(edits += 1)}` },
  }))
  const suspend = change(({ spec }) => ({ spec: { suspend: spec.suspend === true ? null : true } }))
  const request = change(() => ({
    metadata: { annotations: { 'events.twilio.com/reconcile-requested-at': new Date().toISOString() } },
  }))

  return [
    { weight: 30, needs: 'room', run: create },
    { weight: 3, needs: 'room', run: importOne },
    { weight: 28, needs: 'plenty', run: (one) => desk.remove(one) },
    { weight: 3, needs: 'plenty', run: orphan },
    { weight: 2, needs: 'plenty', run: deleteWhileUsed },
    { weight: 14, needs: 'one', run: edit },
    { weight: 6, needs: 'one', run: drift },
    { weight: 2, needs: 'one', run: vanish },
    { weight: 3, needs: 'one', run: suspend },
    { weight: 3, needs: 'one', run: request },
    { weight: 3, needs: 'nothing', run: clearUp },
    { weight: 3, needs: 'nothing', run: endUse },
  ]
}

const typesOf = (name: string) => [
  { webhook: { destination: `https://${name}.example.com/events` } },
  { webhook: { destinationSecretRef: { name: 'values', key: 'url' } } },
  {
    kinesis: {
      arn: `arn:aws:kinesis:us-east-1:111122223333:stream/${name}`,
      roleArn: 'arn:aws:iam::111122223333:role/writer',
      externalId: name,
    },
  },
  { segment: { writeKey: `key-of-${name}` } },
]
