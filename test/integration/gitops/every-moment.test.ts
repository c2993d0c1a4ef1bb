import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../rigs/until.ts'
import { newRandomSid } from '../../rigs/simulator/sids.ts'
import { setSinkStage, type SinkStage } from '../operator/reasons/sink-stage.ts'
import { ready, readyReason, sink } from '../operator/stage.ts'
import { whyNoHealthReaders } from './health-readers.ts'
import { watchObjects, type ObjectWatch, type WatchedObject } from './object-watch.ts'
import { readAll, type Reading } from './reading.ts'

const FINALIZER = 'events.twilio.com/finalizer'
const TOKEN = 'canary-token'

let stage: SinkStage
let watch: ObjectWatch
const seenAt = new Map<WatchedObject, number>()
beforeAll(async () => {
  stage = await setSinkStage({ name: 'gitops', flags: { 'settle-time': '10s' } })
  watch = await watchObjects(stage.cluster, stage.namespace, (object) => seenAt.set(object, Date.now()))
})
afterAll(async () => {
  watch?.end()
  await stage?.end()
})

const merge = (name: string, change: object, kind = 'sink') =>
  stage.kubectl(['patch', kind, name, '--type=merge', '-p', JSON.stringify(change)])
const secret = (name: string, values: Readonly<Record<string, string>>) =>
  stage.kubectl([
    'create',
    'secret',
    'generic',
    name,
    ...Object.entries(values).map(([key, value]) => `--from-literal=${key}=${value}`),
  ])
const isGone = (name: string) => until(`${name} is gone`, async () => !(await stage.get('sinks', name)))
const finalizersOf = async (name: string) => (await stage.get('sinks', name))?.metadata.finalizers ?? []
const accountObject = (name: string, accountSid: string) => ({
  apiVersion: 'events.twilio.com/v1alpha1',
  kind: 'TwilioAccount',
  metadata: { name },
  spec: { accountSid, credentialsSecretRef: { name } },
})

async function anAccountAtTwilio(): Promise<string> {
  const sid = newRandomSid('AC')
  await stage.simulator.admin.addAccount({ sid, authToken: TOKEN })
  return sid
}

/** What the operator has sent about the sink of an object: operation by operation, as Twilio has committed it. */
const sent = async (operation: string, sid: string | undefined) =>
  (await stage.simulator.admin.journal()).filter(
    (call) => call.operation === operation && call.sid === sid && call.committed,
  )

/** Every version of an object so far, and what is made of it. */
async function life(name: string): Promise<{ object: WatchedObject; reading: Reading }[]> {
  const versions = watch.versions.filter(({ metadata }) => metadata.name === name)
  const readings = await readAll(versions)
  return versions.map((object, index) => ({ object, reading: readings[index]! }))
}

// Only where Go is missing; `recorded` says why.
describe.skipIf(whyNoHealthReaders !== undefined)('a Sink that nobody watches but a GitOps tool', () => {
  it('is in progress from its first second until its Secrets have arrived, and never red', async () => {
    const accountSid = await anAccountAtTwilio()
    const segment = { writeKeySecretRef: { name: 'late-value', key: 'writeKey' } }
    const items = [sink('late', { segment, accountRef: { name: 'late' } }), accountObject('late', accountSid)]
    await stage.apply({ apiVersion: 'v1', kind: 'List', items })
    await readyReason(stage, 'late', 'AccountNotReady')
    await secret('late', { TWILIO_AUTH_TOKEN: TOKEN })
    await readyReason(stage, 'late', 'SecretMissing')
    await secret('late-value', { writeKey: 'canary-write-key' })
    await ready(stage, 'late')
    const all = await until('the last version', async () => {
      const seen = (await life('late')).filter(({ object }) => object.kind === 'Sink')
      return seen.at(-1)?.reading.argo.status === 'Healthy' && seen
    })
    const words = all.map(({ reading }) =>
      [reading.argo.status, reading.kstatus.status, reading.flux.status].join(' '),
    )
    const [progressing, healthy] = ['Progressing InProgress InProgress', 'Healthy Current Current']
    const begin = words.indexOf(healthy)
    expect(new Set(words.slice(0, begin))).toEqual(new Set([progressing]))
    // A call that is late may be told of in between.
    expect(words.slice(begin).filter((one) => one !== healthy && one !== progressing)).toEqual([])
  })

  it('is called healthy only once Twilio has what its spec says, however fast it is edited', async () => {
    await stage.make('edited')
    for (let turn = 0; turn < 5; turn += 1) {
      await merge('edited', { spec: { description: `Events for edited, ${turn}` } })
      if (turn % 2 === 0) await ready(stage, 'edited')
    }
    await merge('edited', { spec: { description: 'Events for edited, suspended', suspend: true } })
    await until('it is observed', async () => {
      const { metadata, status } = (await stage.get('sinks', 'edited')) ?? {}
      return status?.observedGeneration === metadata?.generation
    })
    await merge('edited', { spec: { suspend: false } })
    const { status } = await ready(stage, 'edited')
    const calls = [...(await sent('CreateSink', status.sid)), ...(await sent('UpdateSink', status.sid))]
    const early = (await life('edited')).filter(({ object, reading: { argo, kstatus, flux } }) => {
      const done = argo.status === 'Healthy' || flux.status === 'Current'
      // kstatus has no word for what is suspended: docs/health.md.
      if (!done && (kstatus.status !== 'Current' || object.spec['suspend'] === true)) return false
      return !calls.some(
        ({ description, committedAt }) =>
          textOf(description) === object.spec['description'] && committedAt! <= seenAt.get(object)!,
      )
    })
    expect(early.map(({ object }) => object.spec['description'])).toEqual([])
  })

  it('keeps its sink through kubectl replace, which is what Replace=true does', async () => {
    const { status, metadata } = await stage.make('replaced')
    const before = (await sent('CreateSink', status.sid)).length
    await stage.kubectl(['replace', '-f', '-'], JSON.stringify(sink('replaced', { description: 'Replaced' })))
    const after = await ready(stage, 'replaced')
    expect([after.metadata.uid, after.status.sid]).toEqual([metadata.uid, status.sid])
    await until('it is claimed again', async () => (await finalizersOf('replaced')).includes(FINALIZER))
    expect(await describedAs('Replaced')).toEqual([status.sid])
    expect((await sent('CreateSink', status.sid)).length).toBe(before)
  })

  it('waits when its operator went first, and goes when it is back', async () => {
    const { status } = await stage.make('orphaned')
    await stage.operator().kill()
    await stage.startDeleting('orphaned')
    const waiting = (await stage.get<WatchedObject>('sinks', 'orphaned'))!
    const [reading] = await readAll([waiting])
    expect([reading?.argo.status, reading?.kstatus.status]).toEqual(['Progressing', 'Terminating'])
    await stage.restart()
    await isGone('orphaned')
    expect(await sent('DeleteSink', status.sid)).toHaveLength(1)
  })

  it('that is pruned in the foreground keeps the finalizer of the garbage collector, and loses ours', async () => {
    const { status } = await stage.make('pruned')
    await stage.kubectl(['delete', 'sink', 'pruned', '--cascade=foreground', '--wait=false'])
    await until('ours is gone', async () => (await finalizersOf('pruned')).join() === 'foregroundDeletion')
    expect(await stage.simulator.admin.sink(status.sid ?? '')).toBeUndefined()
    // This cluster has no garbage collector; `worlds/namespace-deleted.test.ts` prunes with one.
    const again = { 'events.twilio.com/reconcile-requested-at': 'again' }
    await merge('pruned', { metadata: { annotations: again } })
    await until('it is passed by', async () => logged('NotOurs', 'pruned'))
    await merge('pruned', { metadata: { finalizers: null } })
    await isGone('pruned')
  })

  it('whose create is in doubt while its key is changed for one that proves nothing is not created', async () => {
    const account = await anAccountAtTwilio()
    await secret('doubtful', { TWILIO_AUTH_TOKEN: TOKEN })
    await stage.apply(accountObject('doubtful', account))
    const match = { operation: 'CreateSink', account }
    await stage.simulator.admin.addFault({ kind: 'hang', times: 1, match })
    await stage.apply(sink('doubtful', { accountRef: { name: 'doubtful' } }))
    await readyReason(stage, 'doubtful', 'CreateOutcomeUnknown')
    const username = newRandomSid('SK')
    await stage.simulator.admin.addCredential({ username, password: TOKEN, account })
    const stringData = { TWILIO_API_KEY: username, TWILIO_API_SECRET: TOKEN }
    await merge('doubtful', { data: null, stringData }, 'secret')
    await readyReason(stage, 'doubtful', 'ChangesHeld')
    await until('it is held in doubt', () => logged('HeldInDoubt', 'doubtful'))
    await merge('doubtful', { data: null, stringData: { TWILIO_AUTH_TOKEN: TOKEN } }, 'secret')
    await ready(stage, 'doubtful')
  })
})

const textOf = (description: string | null): string => (description ?? '').replace(/ \[k8s:[^\]]*\]$/u, '')

const describedAs = async (text: string) =>
  (await stage.simulator.admin.sinks())
    .filter(({ description }) => textOf(description) === text)
    .map(({ sid }) => sid)

const logged = (state: string, name: string): boolean =>
  stage
    .operator()
    .log()
    .split('\n')
    .some(
      (line) => line.includes(`"key":"${stage.namespace}/${name}"`) && line.includes(`"state":"${state}"`),
    )
