import type { Sink } from '../../src/api/sink.ts'
import type { TwilioAccount } from '../../src/api/twilio-account.ts'
import type { ModelFault } from './interference.ts'
import type { State, TwilioSink } from './state.ts'

/** A small closed world: how it begins, who may interfere how often, and what may be so at the end. */
export interface ModelWorld {
  readonly name: string
  /** What it looks for. */
  readonly looksFor: string
  /** By installation. */
  readonly clusters: Readonly<Record<string, Cluster>>
  readonly external: readonly TwilioSink[]
  /** Which account a user name at Twilio really belongs to; an account's own SID belongs to itself. */
  readonly keys: Readonly<Record<string, string>>
  /** By name, the installation of each operator process; the first of an installation leads. */
  readonly operators: Readonly<Record<string, string>>
  /** How often. */
  readonly faults: Readonly<Partial<Record<ModelFault, number>>>
  readonly people: readonly ModelPerson[]
  /** The last tick at which somebody may interfere. */
  readonly ticks: number
  /** Pages of a LIST. */
  readonly pages: number
  readonly slots: boolean
  /** Requests are answered in the order in which they were asked: with many objects there are too many orders. */
  readonly orderly: boolean
  /** How much more one state costs here than elsewhere: so much fewer of them are looked at. */
  readonly weight: number
  /** The watch of operators that do not lead, and of the leader, too, may be behind. */
  readonly slowWatch: boolean
  /** Reasons of Ready, other than Active, and of DeletionBlocked that may be the end of it. */
  readonly ends: readonly string[]
  /** Rules that this world is known to break, as docs/reliability/limits.md says; by the beginning of the message. */
  readonly known: readonly string[]
  /** Names of objects whose sinks may stay without them. */
  readonly orphans: readonly string[]
  /** What this world forbids besides; what is wrong, or undefined. */
  readonly never?: (state: State) => string | undefined
}

export interface Cluster {
  readonly sinks: Readonly<Record<string, Sink>>
  readonly accounts: Readonly<Record<string, TwilioAccount>>
  /** By `namespace/name`. */
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** Somebody who changes something: a user, another controller, somebody at Twilio. */
export interface ModelPerson {
  readonly name: string
  readonly times: number
  /** Undefined where it is not possible. */
  readonly act: (state: State) => State | undefined
  /** Only while no reconcile is under way: the operator has had its time. */
  readonly patient?: boolean
}
