import { isReady, type SinkObject, destinationOf } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import type { Exchange } from '../../rigs/proxy/exchange.ts'
import type { Manifest } from './namespace.ts'
import type { Lane, LaneReplica } from './lane.ts'

/** What must be true at the end, whatever fault struck. */
export interface Goal {
  readonly object: 'ready' | 'gone'
  /** External sinks that belong to the object. */
  readonly sinks: 0 | 1
  /** How often the operator may make one, and delete one, at most; both since before `prepare`. */
  readonly creates: number
  readonly deletes: number
}

/** One Sink and what befalls it. */
export interface CrashScenario {
  readonly name: string
  /** For people. */
  readonly says: string
  readonly goal: Goal
  /** Brings about the state in which the act begins; no fault strikes yet. */
  readonly prepare?: (stage: CrashStage) => Promise<void>
  /** Waits for the moment at which the act must begin, where that matters; no fault strikes yet. */
  readonly cue?: (stage: CrashStage) => Promise<void>
  readonly act: (stage: CrashStage) => Promise<void>
}

/** What a scenario plays on. */
export interface CrashStage {
  readonly lane: Lane
  /** Of the object; also in the description and the configuration of each sink that is its own. */
  readonly name: string
  /** SIDs that belong to somebody else and must stay as they are: the oracle compares them. */
  readonly foreign: Set<string>
  /** What `prepare` hands to `act`. */
  readonly memory: Map<string, string>
  /** The SID that the object must end with, where the scenario knows. */
  readonly expected: () => string | undefined
  expectSid(sid: string | undefined): void
  /** Waits until the object is Ready as it is written now. */
  ready(): Promise<SinkObject>
  /** Waits until there is no object. */
  gone(): Promise<void>
  /** Resolves when a request of this name reaches a proxy. `then` is called at once, with whose it is. */
  arrival(name: string, then: (replica: LaneReplica) => void): Promise<void>
  /** Waits until a request of this name, of now or later, has its answer. */
  answer(name: string): Promise<void>
}

export const descriptionOf = (name: string): string => `Events of ${name}`

/** A webhook unless `spec` has another type. */
export function manifest(name: string, spec: Readonly<Record<string, unknown>> = {}): Manifest {
  const isTyped = ['webhook', 'kinesis', 'segment'].some((type) => type in spec)
  const webhook = { webhook: { destination: destinationOf(name) } }
  return {
    apiVersion: 'events.twilio.com/v1alpha1',
    kind: 'Sink',
    metadata: { name },
    spec: { description: descriptionOf(name), ...(!isTyped && webhook), ...spec },
  }
}

/** Ready, and its sink is recorded. */
export const isRecorded = (object: SinkObject | undefined): object is SinkObject =>
  object !== undefined && isReady(object) && object.status.sid !== undefined

export function openStage(lane: Lane, name: string): CrashStage {
  let expected: string | undefined
  return {
    lane,
    name,
    foreign: new Set(),
    memory: new Map(),
    expectSid: (sid) => (expected = sid),
    expected: () => expected,
    ready: () =>
      until(`${name} is Ready`, async () => {
        const object = await lane.namespace.sink(name)
        return isRecorded(object) && object
      }),
    gone: async () => {
      await until(`${name} is gone`, async () => (await lane.namespace.sink(name)) === undefined)
    },
    arrival: (request, then) =>
      new Promise((resolve) => {
        const endings = lane.replicas.map((replica) =>
          replica.proxy.onArrival((exchange) => {
            if (exchange.name !== request) return
            endings.forEach((end) => end())
            then(replica)
            resolve()
          }),
        )
      }),
    answer: async (request) => {
      const now = performance.now()
      const isAnswered = ({ name, at, status, over }: Exchange): boolean =>
        name === request && at >= now && status === 200 && over
      await until(`an answer to ${request}`, () =>
        lane.replicas.some(({ proxy }) => proxy.log().some(isAnswered)),
      )
    },
  }
}
