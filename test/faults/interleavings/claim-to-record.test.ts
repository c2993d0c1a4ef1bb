import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { ready, sink } from '../../integration/operator/stage.ts'
import type { Armed, RequestAction } from '../../rigs/proxy/rule.ts'
import { expectAllRight } from './oracle.ts'
import { setScene, type Scene } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await setScene({ name: 'claims', flags: { 'call-timeout': '2500ms', 'settle-time': '12s' } })
})
afterAll(() => scene.end())

const LATE_MS = 6_000
const ANNOTATION = 'events.twilio.com/create-attempt'

const onCreate = (name: string, action: RequestAction): Armed =>
  scene.proxy.onRequest({
    match: { name: 'twilio:CREATE:Sinks', when: ({ body }) => body.includes(`for+${name}+`) },
    action,
  })

const sentFor = (name: string): number =>
  scene.proxy
    .log()
    .filter(({ name: request, body }) => request === 'twilio:CREATE:Sinks' && body.includes(`for+${name}+`))
    .length

/** As `kubectl replace` does, or `Replace=true` of Argo CD: whatever is not in the file is gone. */
async function strip(name: string): Promise<void> {
  const { spec } = (await scene.get('sinks', name)) ?? {}
  const stripped = { ...Object(sink(name)), spec }
  await scene.kubectl(['replace', '-f', '-'], JSON.stringify(stripped))
}

const takeAway = async (name: string): Promise<void> => {
  await scene.remove(name)
  await scene.kubectl(['patch', 'sink', name, '--type=merge', '-p', '{"metadata":{"finalizers":null}}'])
  await scene.gone(name)
}

const journalIs = (object: SinkObject | undefined): boolean =>
  object?.metadata.annotations?.[ANNOTATION]?.includes(object.metadata.uid) === true

test('stripped annotation in doubt', async () => {
  // It takes effect after the call timeout and within the settle time, by a margin for a busy machine.
  const late = onCreate('stripped', { kind: 'late', ms: LATE_MS })
  await scene.apply(sink('stripped'))
  await late.struck
  await strip('stripped')
  await until('journal and finalizer are back', async () => {
    const object = await scene.get('sinks', 'stripped')
    return journalIs(object) && object?.metadata.finalizers?.length === 1
  })
  await expectAllRight(scene, { alive: ['stripped'] })
  expect(sentFor('stripped')).toBe(1)

  // An object that leaves keeps its finalizer, and the process remembers the create without the journal.
  const leaving = onCreate('leaving', { kind: 'late', ms: LATE_MS })
  await scene.apply(sink('leaving'))
  await leaving.struck
  const change = { metadata: { annotations: { [ANNOTATION]: null } } }
  await scene.kubectl(['patch', 'sink', 'leaving', '--type=merge', '-p', JSON.stringify(change)])
  await scene.remove('leaving')
  await expectAllRight(scene, { alive: ['stripped'], dead: ['leaving'] })
  expect(sentFor('leaving')).toBe(1)
  const made = (await scene.changes()).filter(({ description }) => description?.includes('for leaving '))
  expect(made.map(({ operation, committed }) => [operation, committed])).toEqual([['CreateSink', true]])
})

test('object replaced under the same name between claim and record', async () => {
  // Between claim and record, also where each command of a person takes a second.
  await scene.operator().stop()
  await scene.restart({ 'call-timeout': '15s', 'settle-time': '30s' })
  for (const phase of ['before', 'after'] as const) {
    const name = `replaced-${phase}`
    const held = onCreate(name, { kind: 'hold', phase })
    await scene.apply(sink(name))
    await held.struck
    const before = await scene.get('sinks', name)
    await takeAway(name)
    await scene.apply(sink(name))
    held.release()
    const { metadata } = await ready(scene, name)
    expect(metadata.uid).not.toBe(before?.metadata.uid)
    expect(sentFor(name), `the new object finds the sink (answer held ${phase} the effect)`).toBe(1)
  }
  await expectAllRight(scene, { alive: ['replaced-before', 'replaced-after'] })

  // Where no object comes after it, what was made in vain is taken away.
  const held = onCreate('vanished', { kind: 'hold', phase: 'after' })
  await scene.apply(sink('vanished'))
  await held.struck
  await takeAway('vanished')
  held.release()
  await until('nothing is left of it', async () => (await scene.sinksOf('vanished')).length === 0)
  await expectAllRight(scene, { alive: ['replaced-before', 'replaced-after'], dead: ['vanished'] })
})
