/** Calls counted since the start or the last reset; those with wrong credentials stand under `unknown`. */
export interface StatisticsView {
  readonly total: number
  readonly byOperation: Record<string, number>
  readonly byAccount: Record<string, Record<string, number>>
  /** The most calls that were unanswered at the same moment, by account. */
  readonly peakInFlight: Record<string, number>
}

export interface Statistics {
  /** Counts a call and returns how many are unanswered in its account, this one included. */
  begin(account: string | null, operation: string): number
  end(account: string | null): void
  view(): StatisticsView
  /** Forgets all but the calls that are still unanswered. */
  clear(): void
}

export function createStatistics(): Statistics {
  const inFlight = new Map<string, number>()
  let counts = empty()

  return {
    begin: (account, operation) => {
      const key = account ?? 'unknown'
      const now = (inFlight.get(key) ?? 0) + 1
      inFlight.set(key, now)
      const ofAccount = (counts.byAccount[key] ??= {})
      ofAccount[operation] = (ofAccount[operation] ?? 0) + 1
      counts.byOperation[operation] = (counts.byOperation[operation] ?? 0) + 1
      counts.peakInFlight[key] = Math.max(counts.peakInFlight[key] ?? 0, now)
      counts = { ...counts, total: counts.total + 1 }
      return now
    },
    end: (account) => {
      const key = account ?? 'unknown'
      inFlight.set(key, (inFlight.get(key) ?? 1) - 1)
    },
    view: () => structuredClone(counts),
    clear: () => {
      counts = empty()
    },
  }
}

function empty(): StatisticsView {
  return { total: 0, byOperation: {}, byAccount: {}, peakInFlight: {} }
}
