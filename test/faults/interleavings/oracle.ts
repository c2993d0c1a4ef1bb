import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import { condition, type SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { ready } from '../../integration/operator/stage.ts'
import type { Scene } from './scene.ts'

/**
 * Looks at both sides and shares no code with the operator: a sink is known by the destination that only one object
 * has, never by its mark.
 *
 * Each object in `alive` must be Ready with exactly one sink, the recorded one; nothing may be left of those in `dead`;
 * what strangers have made is as it was; and then nothing more happens but polls.
 */
export async function expectAllRight(
  scene: Scene,
  { alive = [], dead = [] }: { readonly alive?: readonly string[]; readonly dead?: readonly string[] },
): Promise<void> {
  for (const name of alive) {
    const { status } = await ready(scene, name)
    expect(sidsOf(await scene.sinksOf(name)), `one sink of ${name}`).toEqual([status.sid])
  }
  for (const name of dead) {
    await scene.gone(name)
    expect(sidsOf(await scene.sinksOf(name)), `no sink of ${name}`).toEqual([])
  }
  await expectStrangersUntouched(scene)
  await expectRest(scene)
}

/** Of the sinks that somebody else has made. */
export async function expectStrangersUntouched({ simulator, strangers }: Scene): Promise<void> {
  const sids = sidsOf(strangers)
  const now = (await simulator.admin.sinks()).filter(({ sid }) => sids.includes(sid))
  expect(now).toEqual(strangers)
}

/** Longer than two polls. */
const REST_MS = 1_200
const ROUNDS = 5

/** On a busy machine polls may be late, which a Sink says for a moment: it comes to rest, and changes nothing at Twilio. */
async function expectRest(scene: Scene): Promise<void> {
  const since = await scene.last()
  for (let round = 1; ; round += 1) {
    const before = await versions(scene)
    await new Promise((resolve) => setTimeout(resolve, REST_MS))
    expect(await scene.changes(since), 'nothing more is changed at Twilio').toEqual([])
    const now = await versions(scene)
    if (isDeepStrictEqual(now, before)) return
    if (round === ROUNDS) expect(now, 'nothing more is written').toEqual(before)
  }
}

async function versions({ kubectl }: Scene): Promise<readonly string[]> {
  const { items } = JSON.parse(await kubectl(['get', 'sinks', '-o', 'json'])) as { items: SinkObject[] }
  return items.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`)
}

const sidsOf = (sinks: readonly { readonly sid: string }[]): string[] => sinks.map(({ sid }) => sid)

/** Waits for a condition with this reason. */
export const says = (scene: Scene, name: string, type: string, reason: string): Promise<SinkObject> =>
  until(`${name} says ${type} ${reason}`, async () => {
    const object = await scene.get('sinks', name)
    return condition(object, type)?.reason === reason && object
  })
