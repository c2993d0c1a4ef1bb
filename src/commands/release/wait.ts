import type { Sink } from '../../api/sink.ts'
import type { Listed } from '../../kubernetes/release-client.ts'
import { KubernetesFailure } from '../../reconciler/ports.ts'
import { openAttemptOf } from '../../external/create-attempt.ts'
import { isProtected, sendId } from './plan.ts'

export interface WaitOptions {
  /** Milliseconds. */
  readonly within: number
  readonly monotonic: () => number
  readonly pause: (ms: number) => Promise<void>
}

type ListSinks = () => Promise<Listed<Sink>>
type Ids = ReadonlySet<string>

/**
 * Waits for the creates of which nobody knows whether they have made a sink, at most `within`. Resolves with those that
 * have stayed so all that time, as {@link sendId}: what a LIST does not show from now on, they have not made.
 *
 * Their dates are not read: another machine has written them, and a clock that is ahead here or behind there would end a
 * doubt too early. What this process has seen pass is certain. It only reads.
 */
export async function waitForOpenCreates(
  list: ListSinks,
  options: WaitOptions,
  tell: (line: string) => void,
): Promise<Ids> {
  const look = async (): Promise<Ids> => inDoubt((await list()).objects)
  const open = await look()
  const seconds = Math.ceil(options.within / 1000)
  if (open.size > 0)
    tell(`The result of ${open.size} creates at Twilio is not known: waiting for it, at most ${seconds} s.`)
  return stillThere(open, look, { ...options, interval: 1_000 })
}

/** What is protected stays in any case. */
const inDoubt = (sinks: readonly Sink[]): Ids =>
  new Set(
    sinks
      .filter((sink) => !isProtected(sink))
      .flatMap((sink) => openAttemptOf(sink) ?? [])
      .map(sendId),
  )

/**
 * Waits until an operator has observed all of them: from then on no earlier reconcile is running. Resolves with how many
 * it has not observed. Without a running operator that is all of them, and so it is when they cannot be listed: the
 * command goes on and must not forget what it has done.
 */
export async function waitObserved(
  list: ListSinks,
  waiting: readonly Sink[],
  options: WaitOptions,
): Promise<number> {
  const uids = new Set(waiting.map(({ metadata }) => metadata.uid))
  const look = (): Promise<Ids> => unobserved(list, uids)
  return (await stillThere(await look(), look, { ...options, interval: 250 })).size
}

async function unobserved(list: ListSinks, uids: Ids): Promise<Ids> {
  try {
    const { objects } = await list()
    const left = objects.filter((sink) => !isObserved(sink)).map(({ metadata }) => metadata.uid)
    return new Set(left.filter((uid) => uids.has(uid)))
  } catch (error) {
    if (error instanceof KubernetesFailure) return uids
    throw error
  }
}

const isObserved = ({ metadata, status }: Sink): boolean => status.observedGeneration >= metadata.generation

/** Those that every look has shown, at most `within`; `interval`: milliseconds between two looks. */
async function stillThere(
  first: Ids,
  look: () => Promise<Ids>,
  { within, monotonic, pause, interval }: WaitOptions & { readonly interval: number },
): Promise<Ids> {
  const end = monotonic() + within
  let left = first
  while (left.size > 0 && monotonic() < end) {
    await pause(interval)
    const present = await look()
    left = new Set([...left].filter((id) => present.has(id)))
  }
  return left
}
