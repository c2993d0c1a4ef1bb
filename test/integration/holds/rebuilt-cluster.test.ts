import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { condition } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { startControlPlane, type ControlPlane } from '../../rigs/control-plane/control-plane.ts'
import { installationPart } from '../../../src/external/ownership-mark.ts'
import { ready, readyReason, setStage, sink, type Stage } from '../operator/stage.ts'
import { startDeleting, wait } from './holds-stage.ts'

/** The same objects, account and Twilio in two clusters; the old one's operator lives on. */
let controlPlane: ControlPlane
let old: Stage
let rebuilt: Stage

const NAMES = ['orders', 'invoices', 'returns']
const OLD = installationPart('old-cluster')

beforeAll(async () => {
  // No poll tells it of the take-over: it is fenced by what it looks at before it writes.
  const rare = { 'installation-id': 'old-cluster', 'poll-interval': '60s' }
  old = await setStage({ name: 'rebuilt', flags: rare })
  await Promise.all([...NAMES, 'left-behind'].map((name) => old.apply(sink(name))))
  await Promise.all([...NAMES, 'left-behind'].map((name) => ready(old, name)))
  controlPlane = await startControlPlane()
  const flags = { 'installation-id': 'new-cluster' }
  rebuilt = await setStage({ name: 'rebuilt', cluster: controlPlane, rebuilds: old, flags })
  await Promise.all(NAMES.map((name) => rebuilt.apply(sink(name))))
})
afterAll(async () => {
  await rebuilt?.end()
  await controlPlane?.stop()
  await old?.end()
})

const creates = async () =>
  (await old.simulator.admin.journal()).filter(({ operation }) => operation === 'CreateSink').length
const sidsIn = (stage: Stage, names = NAMES) =>
  Promise.all(names.map(async (name) => (await stage.get('sinks', name))?.status.sid))
const marksOf = async (installation: string) =>
  (await old.simulator.admin.sinks()).filter(({ description }) =>
    description.includes(`[k8s:${installation}/`),
  )
const treat = (treatAs: string) =>
  rebuilt.kubectl([
    'patch',
    'twilioaccount',
    'default',
    '--type=merge',
    '-p',
    JSON.stringify({ spec: { otherInstallations: [{ id: OLD, treatAs }] } }),
  ])

/** Writes at Twilio since a journal entry, by operation. */
async function writesSince(sequence: number): Promise<string[]> {
  const journal = await old.simulator.admin.journal(sequence)
  return journal.map(({ operation }) => operation).filter((operation) => !/^(?:List|Fetch)/u.test(operation))
}
const position = async () => (await old.simulator.admin.journal()).at(-1)?.sequence ?? 0

describe('a cluster built again from Git under another installation id', () => {
  it('creates nothing and says whose sinks are there', async () => {
    await Promise.all(NAMES.map((name) => readyReason(rebuilt, name, 'MarkedElsewhere')))
    await wait()
    expect(await creates()).toBe(4)
    expect(await marksOf(OLD)).toHaveLength(4)
  })

  it('keeps waiting over a restart', async () => {
    await rebuilt.operator().kill()
    await rebuilt.restart()
    await wait()
    expect(await creates()).toBe(4)
    await Promise.all(NAMES.map((name) => readyReason(rebuilt, name, 'MarkedElsewhere')))
  })

  it('takes over exactly the sinks whose objects exist here, without a create', async () => {
    const sids = await sidsIn(old)
    await treat('TakeOver')
    await Promise.all(NAMES.map((name) => ready(rebuilt, name)))
    expect(await sidsIn(rebuilt)).toEqual(sids)
    expect(await creates()).toBe(4)
    expect(await marksOf(installationPart('new-cluster'))).toHaveLength(3)
    expect((await marksOf(OLD)).map(({ description }) => description.split(' [')[0])).toEqual([
      'Events for left-behind',
    ])
  })

  it('fences the old cluster: it neither deletes nor marks anew nor creates', async () => {
    const begin = await position()
    await startDeleting(old, 'orders')
    const spec = { description: 'Edited in the old cluster' }
    await old.kubectl(['patch', 'sink', 'invoices', '--type=merge', '-p', JSON.stringify({ spec })])
    await readyReason(old, 'invoices', 'OwnershipConflict')
    await old.kubectl([
      'patch',
      'sink',
      'returns',
      '--type=merge',
      '-p',
      '{"spec":{"deletionPolicy":"Orphan"}}',
    ])
    await old.kubectl(['delete', 'sink', 'returns'])
    await old.apply(sink('returns'))
    await until('the deletion is blocked', async () => {
      const blocked = condition(await old.get('sinks', 'orders'), 'DeletionBlocked')
      return blocked?.reason === 'OwnershipConflict'
    })
    await wait()
    await old.operator().kill()
    await old.restart()
    // Its object is new: what was taken over has never been recorded in it.
    await readyReason(old, 'returns', 'MarkedElsewhere')
    await wait()
    expect(await writesSince(begin)).toEqual([])
    await Promise.all(NAMES.map((name) => ready(rebuilt, name)))
  })

  it('creates beside it what is treated as separate', async () => {
    await treat('Separate')
    await rebuilt.apply(sink('left-behind'))
    const { status } = await ready(rebuilt, 'left-behind')
    expect(await creates()).toBe(5)
    const { status: before } = await ready(old, 'left-behind')
    expect(status.sid).not.toBe(before.sid)
    await wait()
    expect(await old.simulator.admin.sinks()).toHaveLength(5)
    expect(condition(await old.get('sinks', 'left-behind'), 'Ready')?.status).toBe('True')
  })
})
