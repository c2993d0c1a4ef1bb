import type { Stage } from '../operator/stage.ts'

/** Any simulated Twilio. */
type Twilio = Pick<Stage, 'simulator'>

export interface Writes {
  readonly creates: number
  readonly updates: number
  readonly deletes: number
}

export const NO_WRITES: Writes = { creates: 0, updates: 0, deletes: 0 }

export interface Counter {
  /** What was written at Twilio since the last call. */
  next(): Promise<Writes>
}

export async function countWrites({ simulator }: Twilio): Promise<Counter> {
  const journal = async (since: number) => simulator.admin.journal(since)
  let seen = (await journal(0)).at(-1)?.sequence ?? 0
  return {
    next: async () => {
      const entries = await journal(seen)
      seen = entries.at(-1)?.sequence ?? seen
      const count = (operation: string) => entries.filter((entry) => entry.operation === operation).length
      return {
        creates: count('CreateSink'),
        updates: count('UpdateSink'),
        deletes: count('DeleteSink'),
      }
    },
  }
}

/** All that Twilio holds, as it holds it; without the times, which an update moves. */
export async function sinksAtTwilio({ simulator }: Twilio) {
  const sinks = await simulator.admin.sinks()
  return sinks.map(({ sid, description, sinkType, configuration, status }) => ({
    sid,
    description,
    sinkType,
    configuration,
    status,
  }))
}
