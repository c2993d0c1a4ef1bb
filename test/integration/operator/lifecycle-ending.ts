import { expect } from 'vitest'
import { condition, type SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { subscriptionForm } from '../../rigs/simulator/api-caller.ts'
import type { Life } from './lifecycle-life.ts'
import { storyWebhook, type Story } from './lifecycle-living.ts'

const blocked = (object: SinkObject) => condition(object, 'DeletionBlocked')

/** Makes a Sink that a subscription uses, and begins to delete it. */
async function inUse(life: Life, name: string) {
  const { status } = await life.make(name, storyWebhook(name))
  const sid = status.sid ?? ''
  const subscription = (await life.other('POST', '/v1/Subscriptions', { form: subscriptionForm(sid) })).body
    .sid
  const readable = life.twilio.denied.length === 0
  if (readable) {
    await life.see(
      'mirrors its subscription',
      name,
      ({ status: { subscriptions } }) => subscriptions?.length === 1 && subscriptions[0] === subscription,
    )
  } else expect((await life.look(name))?.status.subscriptions).toBeUndefined()
  await life.remove(name)
  const { message } =
    blocked(await life.see('is blocked', name, (object) => blocked(object)?.reason === 'SinkInUse')) ?? {}
  expect(message).toContain(readable ? subscription : sid)
  expect(message).toContain('Orphan')
  return { sid, subscription }
}

/** Milliseconds that a LIST takes: a release that did not wait for it would come before its end. */
const SLOW_LIST = 250

/** The finalizer may leave only after a LIST that began after the DELETE was answered. */
async function expectProven(life: Life, name: string, sid: string, since: number): Promise<void> {
  const { stage } = life
  const { namespace } = stage
  const released = await until('the finalizer leaves, in the audit log', async () =>
    (await stage.cluster.audit.writes({ namespace, since })).find(
      ({ objectRef, verb, userAgent }) =>
        objectRef.name === name &&
        objectRef.subresource === undefined &&
        verb === 'patch' &&
        userAgent !== 'a-person',
    ),
  )
  const leftAt = Date.parse(released.stageTimestamp)
  const journal = await stage.simulator.admin.journal()
  const deletion = journal.findLast((call) => call.operation === 'DeleteSink' && call.sid === sid)
  // When its answer went off, not when the simulator noted that: on a busy machine the operator is quicker.
  const lists = journal.filter(
    ({ operation, startedAt }) =>
      operation === 'ListSink' &&
      startedAt >= (deletion?.endedAt ?? Infinity) &&
      startedAt + SLOW_LIST <= leftAt + 1,
  )
  expect(deletion?.status).toBe(204)
  expect(lists.length).toBeGreaterThan(0)
}

const unblocked: Story = async (life) => {
  const { sid, subscription } = await inUse(life, 'used')
  const mark = await life.stage.cluster.audit.mark()
  const { admin } = life.stage.simulator
  const slow = await admin.addFault({ kind: 'latency', ms: SLOW_LIST, match: { operation: 'ListSink' } })
  await life.other('DELETE', `/v1/Subscriptions/${subscription}`)
  await life.gone('used')
  expect(await life.atTwilio(sid)).toBeUndefined()
  await admin.removeFault(slow.id)
  await expectProven(life, 'used', sid, mark)
}

const orphanedWhileBlocked: Story = async (life) => {
  const { sid } = await inUse(life, 'let-go')
  await life.patch('let-go', { spec: { deletionPolicy: 'Orphan' } })
  await life.gone('let-go')
  expect(await life.atTwilio(sid)).toMatchObject({ subscriptions: [expect.any(String)] })
}

const orphaned: Story = async (life) => {
  const { status } = await life.make('orphaned', { ...storyWebhook('orphaned'), deletionPolicy: 'Orphan' })
  await life.remove('orphaned')
  await life.gone('orphaned')
  expect(await life.atTwilio(status.sid)).toBeDefined()
}

const deleted: Story = async (life) => {
  const { status } = await life.make('deleted', storyWebhook('deleted'))
  await life.remove('deleted')
  await life.gone('deleted')
  expect(await life.atTwilio(status.sid)).toBeUndefined()
}

export const ENDING: readonly Story[] = [unblocked, orphanedWhileBlocked, orphaned, deleted]
