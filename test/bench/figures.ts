/** How often each kind of request was made, such as `patch sinks/status`. */
export type Counts = Readonly<Record<string, number>>

/** What a part of a run cost: of the operator, until nothing followed any more. */
export interface Stretch {
  /** Until everything was as people wanted it, seconds. */
  readonly seconds: number
  /** Processor time, seconds. */
  readonly operatorCpu: number
  readonly apiServerCpu: number
  /** Resident memory of the operator at the end, MiB. */
  readonly resident: number
  /** To the API server. */
  readonly requests: Counts
  /** To Twilio. */
  readonly calls: Counts
  /** What programs that are no part of the run used of all processors: 0 to 1. */
  readonly foreign: number
}

/** A stretch in which Sinks were created one by one. */
export interface Waits extends Stretch {
  /** From sending the create until the Sink is seen Ready, milliseconds, in order. */
  readonly waits: readonly number[]
}

/** What the floor program needed: two writes and one POST for each Sink, and nothing else. */
export interface Floor {
  /** For each Sink alone, milliseconds. */
  readonly waits: readonly number[]
  /** For all Sinks. */
  readonly seconds: number
  readonly cpu: number
  readonly apiServerCpu: number
  readonly foreign: number
}

/** The same work once, done by the floor program and by the operator. */
export interface Round {
  readonly floor: Floor
  readonly idle: Waits
  readonly apply: Stretch
  readonly restart: Stretch
  readonly meanwhile: Waits
  readonly rest: Stretch
  readonly remove: Stretch
}

/** The parts of a round in which the operator runs, in their order. */
export const PHASES = ['idle', 'apply', 'restart', 'meanwhile', 'rest', 'remove'] as const
export type Phase = (typeof PHASES)[number]

/** The smallest value that so many of all do not exceed; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

export const totalOf = (counts: Counts, matches: (kind: string) => boolean = () => true): number =>
  Object.entries(counts).reduce((sum, [kind, count]) => sum + (matches(kind) ? count : 0), 0)

/** What came in between two counts. */
export function countsBetween(before: Counts, after: Counts): Counts {
  const changed = Object.entries(after).map(([kind, count]) => [kind, count - (before[kind] ?? 0)] as const)
  return Object.fromEntries(changed.filter(([, count]) => count !== 0))
}

/** What changes something at the API server; everything else looks. */
export const isWritingKind = (kind: string): boolean => /^(?:create|update|patch|delete)/u.test(kind)
