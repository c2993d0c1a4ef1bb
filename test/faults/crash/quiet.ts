import { setTimeout as sleep } from 'node:timers/promises'
import type { Exchange } from '../../rigs/proxy/exchange.ts'
import { isKubernetes, isWrite } from './fault.ts'
import type { Lane } from './lane.ts'

const LONGEST_MS = 20_000

/** What an operator does not do at rest: a write, or a call to Twilio that is no LIST. Renewing a lease is none. */
function isBusy({ name }: Exchange): boolean {
  if (name.endsWith(':leases')) return false
  return isKubernetes(name) ? isWrite(name) : !name.startsWith('twilio:LIST:')
}

function restsSince({ replicas }: Lane, also: (exchange: Exchange) => boolean): number {
  const busy = replicas.flatMap(({ proxy }) => proxy.log().filter((one) => isBusy(one) || also(one)))
  return performance.now() - Math.max(0, ...busy.map(({ at }) => at))
}

/** Waits for a time of `ms` in which nothing but polls was seen; false when there is none. */
export async function atRest(
  lane: Lane,
  ms: number,
  also: (exchange: Exchange) => boolean = () => false,
): Promise<boolean> {
  const end = performance.now() + LONGEST_MS
  const start = performance.now()
  while (performance.now() < end) {
    const missing = ms - Math.min(restsSince(lane, also), performance.now() - start)
    if (missing <= 0) return true
    await sleep(Math.max(20, missing))
  }
  return false
}
