/** What is measured of the operator, in the units of the table. */
export interface Sample {
  /** Megabytes. */
  readonly heap: number
  /** Held for the heap, in use or not: what it has once needed. */
  readonly committed: number
  readonly external: number
  readonly resident: number
  readonly handles: number
  readonly timers: number
  /** Requests that libuv has under way. */
  readonly requests: number
  /** Keys that wait for a worker. */
  readonly queue: number
  /** Longest stall of the event loop that 99 of 100 stay below, milliseconds. */
  readonly lag: number
}

export type Measure = keyof Sample
export const MEASURES: readonly Measure[] = [
  'heap',
  'committed',
  'external',
  'resident',
  'handles',
  'timers',
  'requests',
  'queue',
  'lag',
]

const MEGABYTE = 1024 * 1024

/** Reads what `/metrics` says: prom-client brings the figures of the process. */
export function readSample(text: string): Sample {
  const sum = (name: string, labels = ''): number => {
    const lines = text.split('\n').filter((line) => line.startsWith(name) && line.includes(labels))
    return lines
      .filter((line) => /^[{ ]/u.test(line.slice(name.length)))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0)
  }
  return {
    heap: sum('nodejs_heap_size_used_bytes') / MEGABYTE,
    committed: sum('nodejs_heap_size_total_bytes') / MEGABYTE,
    external: sum('nodejs_external_memory_bytes') / MEGABYTE,
    resident: sum('process_resident_memory_bytes') / MEGABYTE,
    handles: sum('nodejs_active_handles_total'),
    timers: sum('nodejs_active_resources', 'type="Timeout"'),
    requests: sum('nodejs_active_requests_total'),
    queue: sum('workqueue_depth'),
    lag: sum('nodejs_eventloop_lag_p99_seconds') * 1000,
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = 0, high = 0] =
    sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : sorted.slice(middle - 1)
  return (low + high) / 2
}

/** One row of the table: medians, but of the heap the lowest, which is what a collection leaves. */
export function rowOf(samples: readonly Sample[]): Sample {
  const of = (measure: Measure): number => median(samples.map((sample) => sample[measure]))
  return {
    heap: Math.min(...samples.map(({ heap }) => heap)),
    committed: of('committed'),
    external: of('external'),
    resident: of('resident'),
    handles: of('handles'),
    timers: of('timers'),
    requests: of('requests'),
    queue: of('queue'),
    lag: of('lag'),
  }
}
