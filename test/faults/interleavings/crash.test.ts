import { afterAll, beforeAll, expect, test } from 'vitest'
import { ready } from '../../integration/operator/stage.ts'
import type { Exchange } from '../../rigs/proxy/exchange.ts'
import { expectAllRight } from './oracle.ts'
import { setScene, type Scene } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await setScene({ name: 'crash', flags: { 'call-timeout': '4s', 'settle-time': '8s' } })
})
afterAll(() => scene.end())

/** A request that changes something for the one Sink that anything happens to: a step of its life. */
const isStep =
  (name: string) =>
  ({ side, name: request, method, path }: Exchange): boolean => {
    if (method === 'GET') return false
    return side === 'twilio' || (request.includes(':sinks') && path.includes(`/${name}`))
  }

/** Made, edited and deleted, and looked at in between. */
async function liveThrough(name: string): Promise<void> {
  await scene.make(name)
  expect(await scene.sinksOf(name), `${name} when made`).toHaveLength(1)
  const spec = { description: `Events for ${name}, edited` }
  await scene.kubectl(['patch', 'sink', name, '--type=merge', '-p', JSON.stringify({ spec })])
  const { status } = await ready(scene, name)
  expect(
    (await scene.sinksOf(name)).map(({ sid }) => sid),
    `${name} when edited`,
  ).toEqual([status.sid])
  await scene.remove(name)
  await scene.gone(name)
  expect(await scene.sinksOf(name), `${name} when deleted`).toEqual([])
}

async function stepsOf(name: string): Promise<string[]> {
  const before = scene.proxy.log().length
  await liveThrough(name)
  return scene.proxy
    .log()
    .slice(before)
    .filter(isStep(name))
    .map((step) => step.name)
}

test('crash between any two steps', { timeout: 600_000 }, async () => {
  await scene.make('bystander')
  const steps = await stepsOf('unharmed')
  // Claim, create, record; update, record; delete, release.
  expect(steps).toEqual([
    'kubernetes:PATCH:sinks',
    'twilio:CREATE:Sinks',
    'kubernetes:PATCH:sinks.status',
    'twilio:UPDATE:Sinks',
    'kubernetes:PATCH:sinks.status',
    'twilio:DELETE:Sinks',
    'kubernetes:PATCH:sinks',
  ])
  for (const [index, step] of steps.entries()) {
    for (const phase of ['before', 'after'] as const) {
      const name = `crash-${index}-${phase}`
      const held = scene.proxy.onRequest({
        match: { when: isStep(name) },
        after: index,
        action: { kind: 'hold', phase },
      })
      const crashed = held.struck.then(async (struck) => {
        await scene.operator().kill()
        await scene.restart()
        return struck.name
      })
      await liveThrough(name)
      expect(await crashed, `killed ${phase} step ${index}`).toBe(step)
    }
  }
  const dead = steps.flatMap((_, index) => [`crash-${index}-before`, `crash-${index}-after`])
  await expectAllRight(scene, { alive: ['bystander'], dead })
})
