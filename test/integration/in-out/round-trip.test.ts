import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { condition, type SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { giveCredentials, ready, setStage, sink, type Stage } from '../operator/stage.ts'
import { BY_HAND, makeByHand, ODD, SECRETS } from './by-hand.ts'
import { exportInto, release, type CommandEnd } from './command.ts'
import { sinksAtTwilio, countWrites, NO_WRITES, type Counter } from './counts.ts'

/** For many objects on a busy machine; milliseconds. */
const SLOW = 60_000

/** A team moves in with what it has at Twilio, and out again; each step is counted there. */
describe('in and out', () => {
  let stage: Stage
  let folder: string
  let before: Awaited<ReturnType<typeof sinksAtTwilio>>
  let writes: Counter
  let exported: CommandEnd
  const EXPORTED = BY_HAND.length + ODD.length

  beforeAll(async () => {
    stage = await setStage({ name: 'in-out', account: false })
    await makeByHand(stage, [...BY_HAND, ...ODD])
    before = await sinksAtTwilio(stage)
    writes = await countWrites(stage)
    folder = join(await mkdtemp(join(tmpdir(), 'in-out-')), 'exported')
  })
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
    await stage.end()
  })

  const file = (name: string): string => join(folder, name)
  const sinks = async (): Promise<SinkObject[]> =>
    (JSON.parse(await stage.kubectl(['get', 'sinks', '-o', 'json'])) as { items: SinkObject[] }).items
  const lookedAt = () =>
    until('the operator has looked at all', async () => {
      const all = await sinks()
      return (
        all.length > 0 &&
        all.every(
          (object) =>
            object.status.observedGeneration === object.metadata.generation &&
            (object.spec['suspend'] === true || condition(object, 'Ready')?.reason === 'Active'),
        )
      )
    })
  const untouched = async () => {
    expect(await sinksAtTwilio(stage)).toEqual(before)
    expect(await writes.next()).toEqual(NO_WRITES)
  }

  it('exports every sink, and shows no secret to anybody else', async () => {
    exported = await exportInto(stage, folder)
    expect(exported.code, exported.stderr).toBe(0)
    await untouched()
    const secrets = await readFile(file('secrets.yaml'), 'utf8')
    const others = [exported.stdout, exported.stderr, await readFile(file('sinks.yaml'), 'utf8')].join('\n')
    for (const secret of SECRETS) {
      expect(secrets).toContain(secret)
      expect(others).not.toContain(secret)
    }
    expect((await stat(file('secrets.yaml'))).mode & 0o777).toBe(0o600)
    const names = loadAll(await readFile(file('sinks.yaml'), 'utf8')) as { metadata: { name: string } }[]
    expect(new Set(names.map(({ metadata }) => metadata.name)).size).toBe(EXPORTED)
  })

  it('does not write over an export without being told so, and makes the same one again', async () => {
    const names = ['account.yaml', 'secrets.yaml', 'sinks.yaml']
    const read = () => Promise.all(names.map((name) => readFile(file(name), 'utf8')))
    const first = await read()
    expect((await exportInto(stage, folder)).code).toBe(1)
    expect((await exportInto(stage, folder, ['--force'])).code).toBe(0)
    expect(await read()).toEqual(first)
    expect((await stat(file('secrets.yaml'))).mode & 0o777).toBe(0o600)
  })

  it('imports all of it with one apply, and changes nothing at Twilio', async () => {
    await giveCredentials(stage)
    await stage.kubectl(['apply', '--server-side', '-f', folder])
    await until(
      'all are imported',
      async () => {
        const imported = (await sinks()).filter(({ status }) => status.sid !== undefined)
        return imported.length === BY_HAND.length
      },
      SLOW,
    )
    await lookedAt()
    const all = await sinks()
    expect(all).toHaveLength(EXPORTED)
    expect(all.filter(({ spec }) => spec['suspend'] === true)).toHaveLength(ODD.length)
    const bySid = new Map(before.map((one) => [one.sid, one]))
    for (const { metadata, status, spec } of all.filter(({ spec }) => spec['suspend'] !== true)) {
      expect(status.conditions?.find(({ type }) => type === 'Ready')?.reason, metadata.name).toBe('Active')
      expect(bySid.get(status.sid ?? '')?.description.trim()).toBe(spec['description'])
    }
    await untouched()
  })

  it('goes on so after the operator was stopped and started', async () => {
    expect(await stage.operator().stop()).toBe(0)
    await stage.restart()
    await stage.apply(sink('made-here'))
    await ready(stage, 'made-here')
    expect(await writes.next()).toEqual({ creates: 1, updates: 0, deletes: 0 })
    expect((await sinksAtTwilio(stage)).slice(0, before.length)).toEqual(before)
  })

  it('leaves out of another export what an object owns, and says so', async () => {
    const again = await exportInto(stage, `${folder}-again`)
    const { sid = '' } = (await stage.get('sinks', 'made-here'))?.status ?? {}
    expect(again.stderr).toContain(`${sid}: left out`)
    const names = loadAll(await readFile(join(`${folder}-again`, 'sinks.yaml'), 'utf8'))
    expect(names).toHaveLength(EXPORTED)
    await rm(`${folder}-again`, { recursive: true })
  })

  it('shows what a release would do, and does nothing', async () => {
    const versions = async () => (await sinks()).map(({ metadata }) => metadata.resourceVersion)
    const present = await versions()
    const shown = await release(stage, ['--dry-run'])
    expect(shown.code, shown.stderr).toBe(0)
    expect(shown.stdout.split('\n').filter((line) => line.includes(`${stage.namespace}/`))).toHaveLength(
      EXPORTED + 2,
    )
    expect(shown.stdout).toMatch(/\(TwilioAccount\) .* to be removed/u)
    expect(await versions()).toEqual(present)
    expect(await writes.next()).toEqual(NO_WRITES)
  })

  it('releases beside a running operator: only the mark of what was made here is written', async () => {
    const released = await release(stage, ['--yes'])
    expect(released.code, released.stdout + released.stderr).toBe(0)
    expect(released.stderr).not.toContain('No operator')
    expect(await sinks()).toEqual([])
    expect(await stage.get('twilioaccounts', 'default')).toBeUndefined()
    expect(await writes.next()).toEqual({ creates: 0, updates: 1, deletes: 0 })
    const left = await sinksAtTwilio(stage)
    expect(left.slice(0, before.length)).toEqual(before)
    expect(left.at(-1)?.description).toBe('Events for made-here')
    expect(released.stdout).toContain(left.at(-1)?.sid)
  })

  it('comes in again with what was made here, too, and out without an operator', async () => {
    before = await sinksAtTwilio(stage)
    expect((await exportInto(stage, folder, ['--force'])).code).toBe(0)
    await stage.kubectl(['apply', '--server-side', '-f', folder])
    await until(
      'all are imported',
      async () => {
        const imported = (await sinks()).filter(({ status }) => status.sid !== undefined)
        return imported.length === BY_HAND.length + 1
      },
      SLOW,
    )
    await stage.operator().kill()
    const released = await release(stage, ['--yes', '--operator-wait', '1s'])
    expect(released.code, released.stdout + released.stderr).toBe(0)
    expect(released.stderr).toContain('No operator')
    expect(await sinks()).toEqual([])
    await untouched()
  })

  it('comes in without the secrets that Twilio does not show, and says which are missing', async () => {
    await stage.restart()
    await stage.simulator.admin.change({ secrets: 'masked' })
    await stage.kubectl(['delete', 'secret', 'twilio-sinks'])
    const masked = await exportInto(stage, folder, ['--force'])
    expect(masked.code, masked.stderr).toBe(0)
    const secrets = loadAll(await readFile(file('secrets.yaml'), 'utf8')) as { stringData: object }[]
    // What follows a question mark is not masked, nor is a host that the API server refuses.
    expect(Object.keys(secrets[0]?.stringData ?? {})).toHaveLength(2)
    expect(masked.stderr.match(/Twilio does not show/gu)).toHaveLength(3)
    await stage.kubectl(['apply', '--server-side', '-f', folder])
    await until(
      'all are imported',
      async () => {
        const imported = (await sinks()).filter(({ status }) => status.sinkStatus === 'active')
        return imported.length === BY_HAND.length + 1
      },
      SLOW,
    )
    await untouched()
  })
})
