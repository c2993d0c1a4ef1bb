import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { installationPart, markedDescription, objectPart } from '../../../src/external/ownership-mark.ts'
import type { FaultInput } from '../../rigs/simulator/faults.ts'
import { giveCredentials, ready, setStage, sink, type Stage } from '../operator/stage.ts'
import { credentialsOf, release, startCommand, startRelease } from './command.ts'
import { sinksAtTwilio, countWrites, NO_WRITES } from './counts.ts'

/** Trouble on the way out: at the end nothing of the operator is left at Twilio, and nothing is lost there. */

let stage: Stage
/** A create that is not answered is given up only after the test has killed the process that waits for it. */
const FLAGS = { 'installation-id': 'release-test', 'call-timeout': '10s', 'settle-time': '20s' }
/** The same of a release: each update takes long enough for a look in between. */
const PATIENT = ['--call-timeout', '30s', '--settle-time', '60s']
const SLOW_UPDATE = 6_000
/** Of the flags that every other release has. */
const SETTLES_WITHIN = 6_000
const WITHOUT_OPERATOR = ['--yes', '--operator-wait', '500ms']

beforeAll(async () => {
  stage = await setStage({ name: 'release', flags: FLAGS })
})
afterEach(() => stage.simulator.admin.clearFaults())
afterAll(() => stage.end())

const sinks = async (): Promise<SinkObject[]> =>
  (JSON.parse(await stage.kubectl(['get', 'sinks', '-o', 'json'])) as { items: SinkObject[] }).items
const descriptions = async () => (await sinksAtTwilio(stage)).map(({ description }) => description).sort()
const requests = async (operation: string) =>
  (await stage.simulator.admin.journal()).filter((entry) => entry.operation === operation).length

/** Each with an account, since a release takes that along. */
async function make(names: readonly string[]): Promise<void> {
  for (const { sid } of await sinksAtTwilio(stage)) await stage.simulator.admin.deleteSink(sid)
  await stage.apply({
    apiVersion: 'events.twilio.com/v1alpha1',
    kind: 'TwilioAccount',
    metadata: { name: 'default' },
    spec: { accountSid: stage.accountSid, credentialsSecretRef: { name: 'twilio' } },
  })
  for (const name of names) await stage.apply(sink(name))
  await Promise.all(names.map((name) => ready(stage, name)))
}
const texts = (names: readonly string[]) => names.map((name) => `Events for ${name}`).sort()

describe('a release that is killed', () => {
  const names = ['one', 'two', 'three']

  it('can be given again, beside a running operator', async () => {
    await make(names)
    await stage.simulator.admin.addFault({
      kind: 'latency',
      ms: SLOW_UPDATE,
      match: { operation: 'UpdateSink' },
      phase: 'after',
    })
    const before = await requests('UpdateSink')
    const { child, ended } = startRelease(stage, ['--yes', ...PATIENT])
    await until('the second mark goes', async () => (await requests('UpdateSink')) >= before + 2)
    child.kill('SIGKILL')
    expect((await ended).code).toBeNull()
    await stage.simulator.admin.clearFaults()
    // The operator polls meanwhile, and must not put back what is gone.
    const halfway = await descriptions()
    expect(halfway.filter((text) => text.includes('[k8s:')).length).toBeLessThan(names.length)
    const lists = await requests('ListSink')
    await until('it has looked twice', async () => (await requests('ListSink')) >= lists + 2)
    expect(await descriptions(), 'nobody puts a mark back').toEqual(halfway)
    const left = await sinks()
    expect(left.length).toBeGreaterThan(0)
    const handsOff = { suspend: true, deletionPolicy: 'Orphan' }
    for (const { spec, metadata } of left) expect(spec, metadata.name).toMatchObject(handsOff)
    const { code, stdout, stderr } = await release(stage, ['--yes'])
    expect(code, stdout + stderr).toBe(0)
    expect(await sinks()).toEqual([])
    expect(await descriptions()).toEqual(texts(names))
    expect(await requests('DeleteSink')).toBe(0)
  })
})

describe('an object whose sink is not certain', () => {
  const JOURNAL = 'events.twilio.com/create-attempt'

  /** The operator is killed while it waits for the answer; its clock was far behind. */
  async function leaveInDoubt(name: string, fault: FaultInput): Promise<void> {
    await make([])
    await stage.simulator.admin.addFault(fault)
    const creates = await requests('CreateSink')
    await stage.apply(sink(name))
    await until('the create is under way', async () => (await requests('CreateSink')) > creates)
    await stage.operator().kill()
    const [object] = await sinks()
    const journal = JSON.parse(object?.metadata.annotations?.[JOURNAL] ?? '') as object
    const dated = JSON.stringify({ ...journal, times: ['2000-01-01T00:00:00Z'] })
    await stage.kubectl(['annotate', '--overwrite', 'sink', name, `${JOURNAL}=${dated}`])
  }

  it('goes once the time has passed in which one could still come', async () => {
    await leaveInDoubt('unsure', { kind: 'hang', match: { operation: 'CreateSink' }, phase: 'before' })
    const began = performance.now()
    const { code, stdout, stderr } = await release(stage, WITHOUT_OPERATOR)
    expect(code, stdout + stderr).toBe(0)
    expect(performance.now() - began).toBeGreaterThan(SETTLES_WITHIN)
    expect(await sinks()).toEqual([])
    expect(await sinksAtTwilio(stage)).toEqual([])
    await stage.restart()
  })

  it('is released with the sink that comes of it late', async () => {
    // Begun later than the create, the release goes on for longer.
    const late = { kind: 'lateCommit', ms: SETTLES_WITHIN - 500, match: { operation: 'CreateSink' } } as const
    await leaveInDoubt('late', late)
    expect(await sinksAtTwilio(stage)).toEqual([])
    const { code, stdout, stderr } = await release(stage, WITHOUT_OPERATOR)
    expect(code, stdout + stderr).toBe(0)
    expect(await sinks()).toEqual([])
    expect(await descriptions()).toEqual(['Events for late'])
    await stage.restart()
  })

  it('is released with the sink that came of it', async () => {
    await make([])
    await stage.simulator.admin.addFault({ kind: 'hang', match: { operation: 'CreateSink' }, phase: 'after' })
    const creates = await requests('CreateSink')
    await stage.apply(sink('made'))
    await until('the create is under way', async () => (await requests('CreateSink')) > creates)
    await stage.operator().kill()
    const { code, stdout } = await release(stage, WITHOUT_OPERATOR)
    expect(code, stdout).toBe(0)
    expect(await descriptions()).toEqual(['Events for made'])
    await stage.restart()
  })
})

describe('what a release does not touch', () => {
  it('is the mark of another installation, and a marked sink that no object has recorded', async () => {
    await make(['taken', 'twice'])
    const { sid: taken = '' } = (await stage.get('sinks', 'taken'))?.status ?? {}
    const mark = (installation: string, name: string, number: number) => ({
      installation: installationPart(installation),
      object: objectPart(`${stage.namespace}/${name}`),
      number,
    })
    await stage.operator().stop()
    const foreign = markedDescription('Events for taken', mark('another', 'taken', 1))
    await stage.simulator.admin.changeSink(taken, { description: foreign })
    const { sid: twice = '' } = (await stage.get('sinks', 'twice'))?.status ?? {}
    const surplus = markedDescription('Surplus', mark('release-test', 'twice', 7))
    const authorization = `Basic ${Buffer.from(`${stage.accountSid}:${stage.token}`).toString('base64')}`
    await fetch(`${stage.simulator.url}/v1/Sinks`, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams({
        Description: surplus,
        SinkType: 'webhook',
        SinkConfiguration: '{"destination":"https://twice.example.com/events"}',
      }),
    })
    const { code, stdout, stderr } = await release(stage, WITHOUT_OPERATOR)
    expect(code, stdout + stderr).toBe(0)
    expect(await descriptions()).toEqual([foreign, 'Events for twice', surplus].sort())
    expect(stdout).toContain(twice)
    expect(stderr).toContain('no object has recorded it')
    await stage.restart()
  })
})

describe('a last look at Twilio that fails', () => {
  it('makes it an incomplete release, although all objects are gone', async () => {
    await make(['done'])
    await stage.operator().stop()
    // One for the plan, one before the marks go.
    const afterTwo = { after: 2, match: { operation: 'ListSink' } }
    await stage.simulator.admin.addFault({ kind: 'answer', status: 403, ...afterTwo })
    const { code, stdout, stderr } = await release(stage, WITHOUT_OPERATOR)
    expect(code, stdout + stderr).toBe(1)
    expect(stdout).toContain('NOT CERTAIN')
    expect(stdout).toContain(`${stage.namespace}/done`)
    expect(await sinks()).toEqual([])
    expect(await descriptions()).toEqual(texts(['done']))
    await stage.restart()
  })
})

describe('credentials', () => {
  it('that are gone keep the objects where they are, until those of the environment are given', async () => {
    await make(['kept'])
    await stage.operator().stop()
    await stage.kubectl(['delete', 'secret', 'twilio'])
    const writes = await countWrites(stage)
    const without = await release(stage, WITHOUT_OPERATOR)
    expect(without.code).toBe(1)
    expect(without.stdout).toContain('NOT RELEASED')
    expect(await sinks()).toHaveLength(1)
    expect(await writes.next()).toEqual(NO_WRITES)
    const { code, stdout, stderr } = await release(stage, WITHOUT_OPERATOR, credentialsOf(stage))
    expect(code, stdout + stderr).toBe(0)
    expect(stdout + stderr).not.toContain(stage.token)
    expect(await writes.next()).toEqual({ creates: 0, updates: 1, deletes: 0 })
    expect(await descriptions()).toEqual(['Events for kept'])
    await giveCredentials(stage)
    await stage.restart()
  })
})

describe('a protected Sink', () => {
  it('stays as it is, with its mark, until it is unlocked as its row says', async () => {
    await make(['free', 'locked'])
    await stage.kubectl(['annotate', 'sink', 'locked', 'events.twilio.com/protect=true'])
    const locked = await release(stage, ['--yes'])
    expect(locked.code, locked.stdout + locked.stderr).toBe(1)
    const left = await sinks()
    expect(left.map(({ metadata }) => metadata.name)).toEqual(['locked'])
    expect(left[0]?.spec['suspend']).toBeUndefined()
    const [marked, free] = (await descriptions()).reverse()
    expect(marked).toContain('[k8s:')
    expect(free).toBe('Events for free')
    const unlock = / (annotate sink locked \S+-)/u.exec(locked.stdout)?.[1] ?? ''
    await stage.kubectl(unlock.split(' '))
    const { code, stdout, stderr } = await release(stage, ['--yes'])
    expect(code, stdout + stderr).toBe(0)
    expect(await descriptions()).toEqual(texts(['free', 'locked']))
  })
})

describe('a deletion that waits', () => {
  it('is released, too: its sink stays', async () => {
    await make(['used'])
    const { sid = '' } = (await stage.get('sinks', 'used'))?.status ?? {}
    const authorization = `Basic ${Buffer.from(`${stage.accountSid}:${stage.token}`).toString('base64')}`
    const response = await fetch(`${stage.simulator.url}/v1/Subscriptions`, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams({
        Description: 'uses it',
        SinkSid: sid,
        Types: '{"type":"com.twilio.messaging.message.sent","schema_version":1}',
      }),
    })
    expect(response.status).toBe(201)
    await stage.kubectl(['delete', 'sink', 'used', '--wait=false'])
    await until('the deletion is blocked', async () => {
      const conditions = (await stage.get('sinks', 'used'))?.status.conditions ?? []
      return conditions.some(({ type }) => type === 'DeletionBlocked')
    })
    const { code, stdout, stderr } = await release(stage, ['--yes'])
    expect(code, stdout + stderr).toBe(0)
    expect(await descriptions()).toEqual(['Events for used'])
    expect(await sinks()).toEqual([])
  })
})

describe('a wrong word', () => {
  it('ends it with exit code 2 and one line, before anything is done', async () => {
    const { code, stderr, stdout } = await startCommand(['release', '--all-namespaces']).ended
    expect(code).toBe(2)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toContain('--yes')
    expect(stdout).toBe('')
  })
})
