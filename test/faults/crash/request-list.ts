import type { Item } from './fault.ts'

type Named = { readonly name: string }

/** Repeated for ever by polls: only the first of them follow from the act. */
const POLLED: Readonly<Record<string, number>> = {
  'twilio:LIST:Sinks': 2,
  'twilio:LIST:Subscriptions': 2,
  'kubernetes:GET:secrets': 2,
  'kubernetes:EVENT:twilioaccounts': 1,
}
/** Come when it is their time, whatever is done: an account's poll writes its status when its counts have changed. */
const IN_THEIR_OWN_TIME = /:BOOKMARK:|:CHECK:|:leases$|:twilioaccounts\.status$/u

/**
 * The requests and lines that every fault-free run of a scenario has, in the order of the first: what differs between
 * runs (a poll more, a watch that ended just then) is no request of the scenario.
 */
export function requestsOf(runs: readonly (readonly Named[])[]): Item[] {
  const [first = []] = runs
  const counts = runs.map(countedByName)
  const met = new Map<string, number>()
  return first.flatMap(({ name }) => {
    const ordinal = (met.get(name) ?? 0) + 1
    met.set(name, ordinal)
    const most = Math.min(POLLED[name] ?? Infinity, ...counts.map((count) => count.get(name) ?? 0))
    return ordinal > most || IN_THEIR_OWN_TIME.test(name) ? [] : [{ name, ordinal }]
  })
}

function countedByName(exchanges: readonly Named[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { name } of exchanges) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
