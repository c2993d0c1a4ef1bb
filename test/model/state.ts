import type { Sink } from '../../src/api/sink.ts'
import type { TwilioAccount } from '../../src/api/twilio-account.ts'
import type { ModelChange, ModelReply } from './input.ts'

/** Everything there is at one moment: plain values, never changed in place. */
export interface State {
  readonly tick: number
  /** By installation. */
  readonly clusters: Readonly<Record<string, ClusterState>>
  readonly twilio: TwilioState
  readonly operators: Readonly<Record<string, OperatorState>>
  /** How often each kind of interference may still happen. */
  readonly budget: Readonly<Record<string, number>>
}

export interface ClusterState {
  readonly sinks: Readonly<Record<string, Sink>>
  readonly accounts: Readonly<Record<string, TwilioAccount>>
  /** By `namespace/name`. */
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly crdDeleting: boolean
  /** The last version that was given out, by name. */
  readonly versions: Readonly<Record<string, number>>
}

export interface TwilioState {
  readonly sinks: readonly TwilioSink[]
  /** Creates that nobody waits for any more and that may still take effect. */
  readonly wire: readonly Wire[]
  readonly made: number
}

export interface TwilioSink {
  readonly sid: string
  readonly account: string
  readonly description: string
  readonly status: string
  /** The Sink that it was made for, as only the model knows; undefined: somebody else made it. */
  readonly madeFor?: string
  /** The installation that made it; as above. */
  readonly madeBy?: string
  /** Until when a lagging reader does not see it; a tick. */
  readonly hiddenUntil: number
  /** It is deleted, and lagging readers see it until then. */
  readonly ghostUntil?: number
  /** What lagging readers still see, and until when. */
  readonly before?: { readonly description: string; readonly until: number }
}

export interface Wire {
  readonly account: string
  readonly description: string
  readonly madeFor: string
  readonly madeBy: string
  /** The tick at which the request was sent. */
  readonly sent: number
}

export interface OperatorState {
  /** The cluster that it runs in. */
  readonly installation: string
  /** Of the process table. */
  readonly process: number
  readonly leads: boolean
  readonly frozen: boolean
  /** What the watch has not told yet. */
  readonly feed: readonly Omit<ModelChange, 'kind' | 'tick'>[]
  /** Answers that have arrived at a frozen process. */
  readonly mail: Readonly<Record<string, ModelReply>>
}

export const keyOf = (state: State): string => JSON.stringify(state)

/** One more step on the way: what was done, in one line, and what came of it. */
export interface Move {
  readonly name: string
  /** Somebody other than the operator did it. */
  readonly outside: boolean
  go(): Promise<Outcome>
}

export interface Outcome {
  readonly state: State
  /** What happened on the way, for the path. */
  readonly notes: readonly string[]
  /** Rules that were broken by it. */
  readonly broken: readonly string[]
}
