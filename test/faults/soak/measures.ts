/** What is measured of the operator, in the units of the table. */
export interface Sample {
  /** Requests to the API server and to Twilio, per minute. */
  readonly toApiServer: number
  readonly toTwilio: number
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

/** One look: of requests, all that there were so far. */
export interface TimedSample extends Sample {
  /** Milliseconds. */
  readonly at: number
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
  'toApiServer',
  'toTwilio',
  'lag',
]

const MEGABYTE = 1024 * 1024

/** Reads what `/metrics` says: prom-client brings the figures of the process. */
export function readSample(text: string, at: number): TimedSample {
  const sum = (name: string, labels = ''): number => {
    const lines = text.split('\n').filter((line) => line.startsWith(name) && line.includes(labels))
    return lines
      .filter((line) => /^[{ ]/u.test(line.slice(name.length)))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0)
  }
  return {
    at,
    toApiServer: sum('rest_client_requests_total'),
    toTwilio: sum('twilio_api_requests_total'),
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
export function rowOf(samples: readonly TimedSample[]): Sample {
  const of = (measure: Measure): number => median(samples.map((sample) => sample[measure]))
  const perMinute = (measure: 'toApiServer' | 'toTwilio'): number => {
    const [first, last] = [samples[0], samples.at(-1)]
    if (first === undefined || last === undefined || last.at === first.at) return 0
    return ((last[measure] - first[measure]) * 60_000) / (last.at - first.at)
  }
  return {
    toApiServer: perMinute('toApiServer'),
    toTwilio: perMinute('toTwilio'),
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
