import { afterAll, beforeAll, expect, test } from 'vitest'
import { isCurrent, readyCondition } from '../../rigs/sink-object.ts'
import { startControlPlane, type ControlPlane } from '../../rigs/control-plane/control-plane.ts'
import { subscriptionForm } from '../../rigs/simulator/api-caller.ts'
import { beginLife, MARK, type Life } from './lifecycle-life.ts'
import { expectOne, storyWebhook } from './lifecycle-living.ts'
import { TWILIOS, type TwilioKind } from './lifecycle-twilios.ts'
import { setStage, type Stage } from './stage.ts'

/** What needs all namespaces watched or the CRDs taken away cannot share an API server with other tests. */
let controlPlane: ControlPlane
let stage: Stage

beforeAll(async () => {
  controlPlane = await startControlPlane()
  stage = await setStage({
    name: 'alone',
    cluster: controlPlane,
    watchAll: true,
    flags: { 'call-timeout': '1500ms', 'settle-time': '3s' },
  })
})
afterAll(async () => {
  await stage?.end()
  await controlPlane?.stop()
})

async function lifeAt(twilio: TwilioKind): Promise<Life> {
  await stage.simulator.admin.replaceSettings(twilio.settings)
  return beginLife(stage, twilio)
}

const creates = async () =>
  (await stage.simulator.admin.journal()).filter(({ operation }) => operation === 'CreateSink').length

const RENAMED = TWILIOS.filter(({ crowd, denied, flow }) => crowd + denied.length === 0 && flow === 'current')

test.for(RENAMED.map((twilio, index) => ({ ...twilio, index })))(
  'a Sink is renamed by letting go and importing at a Twilio $title',
  async ({ index, ...twilio }) => {
    const life = await lifeAt(twilio)
    const [before, after] = [`before-${index}`, `after-${index}`]
    const spec = { ...storyWebhook(before), webhook: { destination: `https://${before}.example.com/events` } }
    const { status } = await life.make(before, { ...spec, deletionPolicy: 'Orphan' })
    const { sid = '' } = status
    const made = await creates()
    const old = MARK.exec((await life.atTwilio(sid))?.description ?? '')?.[0]
    await life.remove(before)
    await life.gone(before)

    // An import says what Twilio shows.
    const { destination } = (await life.other('GET', `/v1/Sinks/${sid}`)).body.sink_configuration
    await life.apply(after, { ...spec, webhook: { destination }, import: { sid }, deletionPolicy: 'Delete' })
    await life.see('has taken over', after, (object) => isCurrent(object) && object.status.sid === sid)
    const mark = MARK.exec((await life.atTwilio(sid))?.description ?? '')?.[0]
    expect(mark).not.toBe(old)
    expect(mark?.split('/')[2]).toBe(old?.split('/')[2])
    await expectOne(life, spec.description)
    expect(await creates()).toBe(made)

    await life.remove(after)
    await life.gone(after)
    expect(await life.atTwilio(sid)).toBeUndefined()
  },
)

test('taking the CRD away takes no sink away, and bringing it back finds them all', async () => {
  const life = await lifeAt(TWILIOS[0]!)
  const names = ['plain', 'used'] as const
  const [plain, used] = [
    await life.make('plain', storyWebhook('plain')),
    await life.make('used', storyWebhook('used')),
  ]
  const sids = [plain.status.sid, used.status.sid]
  await life.other('POST', '/v1/Subscriptions', { form: subscriptionForm(used.status.sid ?? '') })
  const made = await creates()

  await stage.kubectl(['delete', '--timeout=120s', 'crd', 'sinks.events.twilio.com'])
  for (const sid of sids) expect(await life.atTwilio(sid)).toBeDefined()
  const deletions = (await stage.simulator.admin.journal()).filter(
    ({ operation, sid }) => operation === 'DeleteSink' && sids.includes(sid ?? ''),
  )
  expect(deletions).toEqual([])

  await controlPlane.applyCrds('crds')
  for (const name of names) await life.apply(name, storyWebhook(name))
  const found = await Promise.all(
    names.map((name) =>
      life.see('is found again', name, (object) => readyCondition(object)?.reason === 'Active'),
    ),
  )
  expect(found.map(({ status }) => status.sid)).toEqual(sids)
  expect(await creates()).toBe(made)
})
