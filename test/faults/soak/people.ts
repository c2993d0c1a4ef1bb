import { setTimeout as sleep } from 'node:timers/promises'
import type { Chance } from './chance.ts'
import { deedsOf } from './deeds.ts'
import { createDesk, type Desk } from './desk.ts'
import type { SoakScene } from './scene.ts'

/** Who creates, edits and deletes Sinks, and changes sinks at Twilio by hand. */
export interface People {
  /** One thing, by chance. What an outage refuses is not done. */
  act(): Promise<void>
  /** Takes away what stands in the way of an end at rest. */
  tidyUp(): Promise<void>
  readonly desk: Desk
  readonly actions: number
}

/** How many Sinks live at a time; the account holds a hundred. */
const FEWEST = 20
const MOST = 50
/** People go on to something else when a frozen server does not answer; milliseconds. */
const PATIENCE = 10_000

export function gather(scene: SoakScene, chance: Chance): People {
  const { api, twilio, other, broken } = scene
  const desk = createDesk(api)
  const deeds = deedsOf(scene, desk, chance)
  let actions = 0

  const act = async (): Promise<void> => {
    const deed = chance.weighted(deeds)
    const all = await desk.objects()
    const living = all.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    if (deed?.needs === 'room' && all.length >= MOST) return
    if (deed?.needs === 'plenty' && living.length < FEWEST) return
    if (deed?.needs === 'room' || deed?.needs === 'nothing') await deed.run()
    const one = chance.of(living)
    if (one !== undefined && (deed?.needs === 'one' || deed?.needs === 'plenty')) await deed.run(one)
  }

  return {
    desk,
    get actions() {
      return actions
    },
    act: async () => {
      broken.throwIfAborted()
      const done = act().catch(() => broken.throwIfAborted())
      await Promise.race([done, sleep(PATIENCE, undefined, { ref: false })])
      actions += 1
    },
    tidyUp: async () => {
      for (const { sid } of await twilio.subscriptions()) await other('DELETE', `/v1/Subscriptions/${sid}`)
      for (const { metadata, spec } of await desk.objects())
        if (spec.suspend === true) await desk.resume(metadata.name)
    },
  }
}
