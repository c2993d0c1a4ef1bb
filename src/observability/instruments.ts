import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** One metric, for the documentation. */
export interface DescribedMetric {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
}

/** Makes metrics of one registry. MUST NOT be asked for the same name twice. */
export interface Instruments {
  counter(name: string, help: string, ...labels: string[]): Counter
  gauge(name: string, help: string, ...labels: string[]): Gauge
  /** Of durations in seconds, from 5 ms to a minute. */
  durations(name: string, help: string, ...labels: string[]): Histogram
  /** Of durations in seconds, from a second to a day. */
  longDurations(name: string, help: string, ...labels: string[]): Histogram
  /** `refresh` runs before every scrape, to set gauges to what is so then. */
  beforeScrape(refresh: () => void): void
}

export interface InstrumentPanel extends Instruments {
  readonly contentType: string
  /** What a scrape is answered. */
  readonly text: () => Promise<string>
  /** All that was made, without the metrics of the process that prom-client brings. */
  readonly described: () => readonly DescribedMetric[]
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const SECONDS_OF_A_DAY = [1, 2, 5, 10, 30, 60, 120, 300, 900, 3_600, 14_400, 86_400]

export function createInstruments(): InstrumentPanel {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const made: DescribedMetric[] = []
  const refreshers: (() => void)[] = []
  const configured = (type: DescribedMetric['type'], name: string, help: string, labels: string[]) => {
    made.push({ name, type, help, labels })
    return { name, help, labelNames: labels, registers: [registry] }
  }
  const histogram = (name: string, help: string, labels: string[], buckets: number[]) =>
    new Histogram({ ...configured('histogram', name, help, labels), buckets })
  return {
    counter: (name, help, ...labels) => new Counter(configured('counter', name, help, labels)),
    gauge: (name, help, ...labels) => new Gauge(configured('gauge', name, help, labels)),
    durations: (name, help, ...labels) => histogram(name, help, labels, SECONDS),
    longDurations: (name, help, ...labels) => histogram(name, help, labels, SECONDS_OF_A_DAY),
    beforeScrape: (refresh) => {
      refreshers.push(refresh)
    },
    contentType: registry.contentType,
    text: async () => {
      for (const refresh of refreshers) refresh()
      return registry.metrics()
    },
    described: () => [...made],
  }
}
