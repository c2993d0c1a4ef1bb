import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../rigs/until.ts'
import { startControlPlane, type ControlPlane } from '../../rigs/control-plane/control-plane.ts'
import { setWorld, spec, tellingOf, type LiveWorld } from './world.ts'

let controlPlane: ControlPlane
let world: LiveWorld

beforeAll(async () => {
  controlPlane = await startControlPlane()
  world = await setWorld({ name: 'restarts', cluster: controlPlane })
})
afterAll(async () => {
  await world?.end()
  await controlPlane?.stop()
})

const names = (kind: string, count: number) => Array.from({ length: count }, (_, index) => `${kind}-${index}`)

/** Round by round something else dies, with creates and deletes on their way at Twilio. */
test.for([
  { dies: 'the API server', programs: ['apiServer'] },
  { dies: 'the API server and etcd', programs: ['apiServer', 'etcd'] },
  { dies: 'etcd', programs: ['etcd'] },
] as const)(
  '$dies killed in mid-work leaves one sink for each object, and none for the deleted',
  async ({ programs }) => {
    const { admin } = world.stage.simulator
    const round = programs.join('-').toLowerCase()
    const [kept, deleted, fresh] = [
      names(`kept-${round}`, 3),
      names(`deleted-${round}`, 4),
      names(`fresh-${round}`, 6),
    ]
    for (const name of [...kept, ...deleted]) await world.apply(name, spec(name))
    await world.oneEach([...kept, ...deleted])

    const slow = await admin.addFault({ kind: 'latency', ms: 250, phase: 'after' })
    const since = await world.now()
    await Promise.all([
      ...fresh.map((name) => world.apply(name, spec(name))),
      ...deleted.map((name) => world.remove(name)),
    ])
    await until('work is under way', async () => {
      const [creates, deletes] = [
        await world.sent('CreateSink', since),
        await world.sent('DeleteSink', since),
      ]
      return creates.length > 0 && creates.length + deletes.length > 2
    })
    await Promise.all(programs.map((program) => controlPlane[program].kill()))
    await sleep(1_500)
    await admin.removeFault(slow.id)
    if (programs.some((program) => program === 'etcd')) await controlPlane.etcd.start()
    await controlPlane.apiServer.start()

    await world.oneEach([...kept, ...fresh])
    for (const name of deleted) await world.gone(name)
    const left = await Promise.all(deleted.map((name) => tellingOf(world, name)))
    expect(left.flat(), 'sinks of deleted objects').toEqual([])
  },
)
