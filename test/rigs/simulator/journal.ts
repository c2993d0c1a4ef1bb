import type { Clock } from './clock.ts'

/** One request to the API, in the order of arrival. Never holds a secret: no configuration, no password. */
export interface JournalEntry {
  /** Rises by one with each request. */
  readonly sequence: number
  /** Arrival and end of the answer, in milliseconds since 1970; `null` while there is no answer. */
  readonly startedAt: number
  endedAt: number | null
  readonly requestId: string
  /** `null` for wrong credentials. */
  readonly account: string | null
  /** User name of the credential: the SID of an account or of an API key. */
  readonly credential: string | null
  /** Name in the OpenAPI file, or `Unknown`. */
  readonly operation: string
  readonly method: string
  readonly path: string
  readonly query: string
  /** The SID in the path, or of what the call made. */
  sid: string | null
  readonly description: string | null
  /** HTTP status that was sent; `null` while, or because, nothing was. */
  status: number | null
  /** Whether the rules of the API were applied to the call, so that it may have had an effect. */
  processed: boolean
  /** Whether a write took effect, and when. */
  committed: boolean
  committedAt: number | null
  /** Kind of the fault that struck, if any. */
  fault: string | null
}

export type JournalOpening = Omit<
  JournalEntry,
  'sequence' | 'startedAt' | 'endedAt' | 'status' | 'processed' | 'committed' | 'committedAt'
>

export interface Journal {
  open(fields: JournalOpening): JournalEntry
  /** The entries after a sequence number, oldest first. */
  since(sequence: number): JournalEntry[]
  clear(): void
}

/** Older entries are dropped. */
const MAX_ENTRIES = 200_000

export function createJournal(clock: Clock): Journal {
  let entries: JournalEntry[] = []
  let sequence = 0

  return {
    open: (fields) => {
      const entry: JournalEntry = {
        sequence: ++sequence,
        startedAt: clock(),
        endedAt: null,
        ...fields,
        status: null,
        processed: false,
        committed: false,
        committedAt: null,
      }
      entries.push(entry)
      if (entries.length > 2 * MAX_ENTRIES) entries = entries.slice(-MAX_ENTRIES)
      return entry
    },
    since: (after) => entries.filter((entry) => entry.sequence > after),
    clear: () => {
      entries = []
    },
  }
}
