import { expect } from 'vitest'
import { isCurrent, readyCondition } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { webhookForm } from '../../rigs/simulator/api-caller.ts'
import { isActive, MARK, textOf, type Life } from './lifecycle-life.ts'

/** One thing that happens to a Sink of its own; stories of one life are told at the same time. */
export type Story = (life: Life) => Promise<void>

export const storyWebhook = (name: string) => ({
  description: `Story of ${name}`,
  webhook: { destination: `https://user:word@${name}.Example.com:443/a/../events/` },
})

const arns = {
  arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/orders',
  roleArn: 'arn:aws:iam::123456789012:role/writer',
}
export const from = (key: string) => ({ name: 'values', key })
const FINALIZER = 'events.twilio.com/finalizer'

/** Proof that no second sink was made on the way. */
export async function expectOne(life: Life, description: string): Promise<void> {
  expect(await life.described(description)).toHaveLength(1)
}

const allTypes: Story = async (life) => {
  const specs = {
    webhook: { webhook: { destinationSecretRef: from('destination'), method: 'GET', batchEvents: true } },
    kinesis: { kinesis: { ...arns, externalIdSecretRef: from('externalId') } },
    segment: { segment: { writeKeySecretRef: from('writeKey') } },
  }
  for (const [type, spec] of Object.entries(specs)) {
    const description = `All types: ${type}`
    const { status } = await life.make(type, { ...spec, description })
    expect(status).toMatchObject({ sinkType: type, sinkStatus: 'active', accountSid: life.stage.accountSid })
    const made = await life.atTwilio(status.sid)
    expect(made).toMatchObject({ sinkType: type, description: expect.stringMatching(MARK) })
    await expectOne(life, description)
  }
}

const description: Story = async (life) => {
  const spec = storyWebhook('described')
  const { status } = await life.make('described', spec)
  const before = (await life.atTwilio(status.sid))?.description ?? ''
  await life.apply('described', { ...spec, description: 'Edited by its owner' })
  const edited = await life.see('is edited', 'described', isActive)
  const at = await life.atTwilio(edited.status.sid)
  expect(at?.description).toBe(`Edited by its owner${MARK.exec(before)?.[0]}`)
  await life.other('POST', `/v1/Sinks/${status.sid}`, { form: { Description: 'Renamed by somebody' } })
  await seeAtTwilio(
    life,
    'described',
    async () => (await life.atTwilio(status.sid))?.description === at?.description,
  )
  expect((await life.look('described'))?.status.sid).toBe(status.sid)
}

/** The predicate speaks of Twilio; the object is only named. */
async function seeAtTwilio(life: Life, name: string, is: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 200) {
    if (await is()) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`Not seen of ${name} at a Twilio ${life.twilio.title}`)
}

const deletedOutside: Story = async (life) => {
  const spec = storyWebhook('outside')
  const { status } = await life.make('outside', spec)
  expect((await life.other('DELETE', `/v1/Sinks/${status.sid}`)).status).toBe(204)
  const again = await life.see('is made again', 'outside', ({ status: now }) => now.sid !== status.sid)
  const [only, ...more] = await life.described(spec.description)
  expect(more).toEqual([])
  expect(again.status.sid).toBe(only?.sid)
  // Not always 2: an attempt that a busy machine could not send in time takes a number too.
  expect(only?.description).toMatch(/\/([2-9]|\d\d)\]$/)
}

const imported: Story = async (life) => {
  const destination = 'https://hand.example.com/events'
  const { sid } = (
    await life.other('POST', '/v1/Sinks', {
      form: { ...webhookForm, SinkConfiguration: JSON.stringify({ destination, method: 'GET' }) },
    })
  ).body
  // People write what Twilio shows them.
  const { destination: shown } = (await life.other('GET', `/v1/Sinks/${sid}`)).body.sink_configuration
  const spec = {
    description: webhookForm.Description,
    webhook: { destination: shown, method: 'GET' },
    import: { sid },
    deletionPolicy: 'Orphan',
  }
  await life.apply('imported', spec)
  await life.see('is recorded', 'imported', (object) => isCurrent(object) && object.status.sid === sid)
  const journal = await life.stage.simulator.admin.journal()
  const ofOperator = journal.filter((call) => call.credential === life.stage.accountSid && call.sid === sid)
  expect(ofOperator.filter(({ method }) => method !== 'GET')).toEqual([])
  expect((await life.atTwilio(sid))?.description).toBe(webhookForm.Description)
  await life.remove('imported')
  await life.gone('imported')
  expect(await life.atTwilio(sid)).toBeDefined()
}

const statusLost: Story = async (life) => {
  const spec = storyWebhook('forgotten')
  const { status } = await life.make('forgotten', spec)
  const { stage } = life
  // The operator writes, too: the later writer reads again.
  await until('its status is taken away', async () => {
    const object = await life.look('forgotten')
    const stripped = JSON.stringify({ ...object, status: { observedGeneration: -1 } })
    return stage.kubectl(['replace', '--subresource=status', '-f', '-'], stripped).catch(() => undefined)
  })
  await life.see('is recorded again', 'forgotten', ({ status: now }) => now.sid === status.sid)
  await life.see('is Active', 'forgotten', isActive)
  await expectOne(life, spec.description)
}

const objectLost: Story = async (life) => {
  const spec = storyWebhook('lost')
  const { status, metadata } = await life.make('lost', spec)
  await life.apply('lost', { ...spec, suspend: true })
  await life.remove('lost')
  await life.see(
    'is blocked',
    'lost',
    ({ metadata: { deletionTimestamp } }) => deletionTimestamp !== undefined,
  )
  await life.patch('lost', { metadata: { finalizers: null } })
  await life.gone('lost')
  await life.apply('lost', spec)
  if (!life.twilio.comparable) {
    await life.see(
      'is told to differ',
      'lost',
      (object) => readyCondition(object)?.reason === 'OwnershipConflict',
    )
    await expectOne(life, spec.description)
    return
  }
  const restored = await life.see('is adopted', 'lost', ({ status: now }) => now.sid === status.sid)
  expect(restored.metadata.uid).not.toBe(metadata.uid)
  // A sink that was active before stays so, in both flows.
  await life.see('is Active', 'lost', isActive)
  await expectOne(life, spec.description)
}

/** Also while it is suspended: nothing else at Twilio or here would keep the sink from being forgotten. */
const finalizerStripped: Story = async (life) => {
  await life.make('stripped', storyWebhook('stripped'))
  await life.patch('stripped', { spec: { suspend: true } })
  await life.see('is observed', 'stripped', isCurrent)
  await life.patch('stripped', { metadata: { finalizers: null } })
  await life.see(
    'has its finalizer',
    'stripped',
    ({ metadata }) => metadata.finalizers?.includes(FINALIZER) === true,
  )
  await expectOne(life, storyWebhook('stripped').description)
}

const suspended: Story = async (life) => {
  const spec = storyWebhook('suspended')
  const { status } = await life.make('suspended', spec)
  await life.apply('suspended', { ...spec, description: 'While it is suspended', suspend: true })
  await life.see('is observed', 'suspended', isCurrent)
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(textOf((await life.atTwilio(status.sid))?.description ?? '')).toBe(spec.description)
  await life.apply('suspended', { ...spec, description: 'While it is suspended' })
  await life.see('goes on', 'suspended', isActive)
  expect(textOf((await life.atTwilio(status.sid))?.description ?? '')).toBe('While it is suspended')
}

const requested: Story = async (life) => {
  await life.make('requested', storyWebhook('requested'))
  const requestedAt = new Date().toISOString()
  await life.annotate('requested', { 'events.twilio.com/reconcile-requested-at': requestedAt })
  await life.see('answers', 'requested', ({ status }) => status.lastHandledReconcileAt === requestedAt)
}

export const LIVING_STORIES: readonly Story[] = [
  allTypes,
  description,
  deletedOutside,
  imported,
  statusLost,
  objectLost,
  finalizerStripped,
  suspended,
  requested,
]
