import type { Priority } from './priority-queue.ts'

/** What the gauges of `workqueue_*` show. */
export interface QueueGauges {
  readonly depth: Readonly<Record<Priority, number>>
  /** Keys that only a timer will bring back. */
  readonly delayed: number
  /** Seconds of work in progress, summed over the keys that are handed out. */
  readonly unfinishedWorkSeconds: number
  readonly longestRunningSeconds: number
}

/** Called at each step of a queue, for counters and histograms. MUST NOT throw. */
export interface QueueObserver {
  /** Not called for a key that waits already. */
  added?(): void
  retried?(): void
  /** How long a key waited before it was handed out. */
  waited?(ms: number): void
  /** How long it was handed out. */
  worked?(ms: number): void
}
