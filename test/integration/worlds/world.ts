import { expect } from 'vitest'
import { isCurrent, readyCondition } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import type { SinkView } from '../../rigs/simulator/sink-administration.ts'
import { beginLife, textOf, type Life } from '../operator/lifecycle-life.ts'
import { TWILIOS } from '../operator/lifecycle-twilios.ts'
import { setStage, type Stage, type StageOptions } from '../operator/stage.ts'

/** A stage on which people act without kubectl, and on which both sides are counted. */
export interface LiveWorld extends Life {
  /** What the operator has sent since `mark`, by name of the operation. */
  sent(operation: string, since?: number): Promise<readonly (string | null)[]>
  /** For `sent`. */
  now(): Promise<number>
  /** Waits until each of the Sinks is Ready and has the one sink that tells of it; resolves with the SIDs. */
  oneEach(names: readonly string[], within?: number): Promise<readonly string[]>
  end(): Promise<void>
}

export async function setWorld(options: StageOptions): Promise<LiveWorld> {
  return worldOn(await setStage(options))
}

export async function worldOn(stage: Stage): Promise<LiveWorld> {
  const life = await beginLife(stage, TWILIOS[0]!)
  const { admin } = stage.simulator
  const now = async (): Promise<number> => (await admin.journal()).at(-1)?.sequence ?? 0
  return {
    ...life,
    now,
    sent: async (operation, since = 0) =>
      (await admin.journal(since))
        .filter((call) => call.operation === operation && call.credential === stage.accountSid)
        .map(({ sid }) => sid),
    oneEach: async (names, within = 60_000) => {
      const sids: string[] = []
      for (const name of names) sids.push(await oneOf(life, name, within))
      return sids
    },
    end: () => stage.end(),
  }
}

/** What a Sink of this name wants. */
export const spec = (name: string, more: Readonly<Record<string, unknown>> = {}) => ({
  description: `Events for ${name}`,
  webhook: { destination: `https://${name}.example.com/events` },
  ...more,
})

/** A look that an outage refuses has seen nothing. */
async function oneOf(life: Life, name: string, within: number): Promise<string> {
  const object = await until(
    `${name} is Ready`,
    async () => {
      const seen = await life.look(name).catch(() => undefined)
      return seen !== undefined && isCurrent(seen) && readyCondition(seen)?.status === 'True' && seen
    },
    within,
  )
  const sinks = await tellingOf(life, name)
  expect(
    sinks.map(({ sid }) => sid),
    `the sinks of ${name}`,
  ).toEqual([object.status.sid])
  return object.status.sid ?? ''
}

/** The sinks whose description tells of the name, edited (`…, edited`) or not. */
export async function tellingOf({ stage }: Life, name: string): Promise<SinkView[]> {
  const text = spec(name).description
  const sinks = await stage.simulator.admin.sinks()
  return sinks.filter(({ description }) => textOf(description).split(',')[0] === text)
}
