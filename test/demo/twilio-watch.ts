import { setTimeout as sleep } from 'node:timers/promises'
import type { TwilioEvents } from './twilio-library.ts'
import type { Timeline } from './timeline.ts'

const EVERY_MS = 250

interface Seen {
  readonly description: string
  readonly status: string
}

/** Prints each change of a sink at Twilio, as the official library sees it; returns how to end that. */
export function watchTwilio(twilio: TwilioEvents, timeline: Timeline): () => Promise<void> {
  const ending = new AbortController()
  const watching = follow(twilio, timeline, ending.signal)
  return async () => {
    ending.abort()
    await watching
  }
}

async function follow(twilio: TwilioEvents, timeline: Timeline, signal: AbortSignal): Promise<void> {
  let last: ReadonlyMap<string, Seen> = new Map()
  while (!signal.aborted) {
    const now = await look(twilio).catch(() => last)
    if (!signal.aborted) tell(last, now, timeline)
    last = now
    await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
}

async function look(twilio: TwilioEvents): Promise<ReadonlyMap<string, Seen>> {
  const sinks = await twilio.sinks.list()
  return new Map(sinks.map(({ sid, description, status }) => [sid, { description, status }]))
}

function tell(before: ReadonlyMap<string, Seen>, now: ReadonlyMap<string, Seen>, timeline: Timeline): void {
  for (const sid of before.keys()) if (!now.has(sid)) timeline.change('Twilio', `${sid} is gone`)
  for (const [sid, sink] of now) {
    const text = difference(before.get(sid), sink)
    if (text !== '') timeline.change('Twilio', `${sid} ${text}`)
  }
}

function difference(before: Seen | undefined, { description, status }: Seen): string {
  if (before === undefined) return `is new, ${status}: "${description}"`
  const parts = [
    before.status === status ? '' : `${before.status} → ${status}`,
    before.description === description ? '' : `is now "${description}"`,
  ]
  return parts.filter(Boolean).join(', ')
}
