import type { RecordedSink } from '../account/proven-key.ts'
import { markedBy, showsItself } from '../account/snapshot.ts'
import type { Sink } from '../api/sink.ts'
import { ownerOf } from '../sink/ownership-mark.ts'
import { accountNameOf } from './account-of-sink.ts'
import type { AccountEntry } from './account-entry.ts'
import { journalOf } from './observed-object.ts'
import type { ObjectKey } from './ports.ts'
import type { Surroundings } from './surroundings.ts'

/** An object's record of a sink in the account, whichever TwilioAccount of that account it refers to. */
export interface RecordedObject extends RecordedSink {
  readonly living: boolean
  /** Wall clock of the claim that made it; NaN where the journal does not tell. */
  readonly madeAt: number
}

export function recordedIn(
  { sinks, accounts, settings }: Surroundings,
  { name, accountSid }: AccountEntry,
): readonly RecordedObject[] {
  const found = new Map<string, RecordedObject>()
  for (const held of sinks.all()) {
    if (!held.readable) continue
    const sink = held.object
    const { sid, accountSid: recorded } = sink.status
    if (sid === undefined) continue
    const here =
      recorded === undefined
        ? accountNameOf(sink, accounts, settings.defaultAccount) === name
        : recorded === accountSid
    // Two objects may have recorded the same sink: the younger stalls, the sink is one.
    if (here && found.get(sid)?.living !== true) found.set(sid, recordOf(sink, sid))
  }
  return [...found.values()]
}

/** The journal is read only where somebody asks: most sinks are simply there. */
function recordOf(sink: Sink, sid: string): RecordedObject {
  const journal = () => {
    const known = journalOf(sink)
    return known?.uid === sink.metadata.uid && known.attempt === sink.status.createAttempt ? known : undefined
  }
  return {
    sid,
    living: sink.metadata.deletionTimestamp === undefined,
    get madeThrough() {
      return journal()?.key
    },
    get madeAt() {
      return Date.parse(journal()?.times.at(-1) ?? '')
    },
  }
}

export const attemptId = (object: ObjectKey, number: number): string => `${object}#${number}`

/** Creates that another key sent to the account, whose end is not known and whose sink this key does not show. */
export function unseenAttempts(
  { sinks, attempts, settings }: Surroundings,
  { accountSid, snapshot }: AccountEntry,
): readonly string[] {
  const found: string[] = []
  for (const held of sinks.all()) {
    const ended = held.readable ? (held.object.status.createAttempt ?? 0) : 0
    for (const { number, key, accountSid: sentTo } of attempts.open(held.key, ended)) {
      if (sentTo !== accountSid || key === snapshot.key) continue
      const owner = ownerOf(settings.installationId, held.key)
      const seen = markedBy(snapshot, owner).some(
        ({ sink, mark }) => mark.number === number && showsItself(snapshot, sink.sid),
      )
      if (!seen) found.push(attemptId(held.key, number))
    }
  }
  return found
}
