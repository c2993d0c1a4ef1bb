import type { Sink } from '../../api/sink.ts'
import type { LiveObjects } from '../../kubernetes/release-client.ts'
import { openAttemptOf } from '../../sink/create-attempt.ts'
import { sendId } from './plan/plan.ts'
import { isProtected } from './plan/managed-by.ts'
import type { WaitOptions } from './suspend.ts'

const LOOK_INTERVAL = 1_000

/**
 * Waits for the creates of which nobody knows whether they have made a sink, at most `within`. Resolves with those that
 * have stayed so all that time, as {@link sendId}: what a LIST does not show from now on, they have not made.
 *
 * Their dates are not read: another machine has written them, and a clock that is ahead here or behind there would end a
 * doubt too early. What this process has seen pass is certain. It only reads.
 */
export async function waitForOpenCreates(
  sinks: Pick<LiveObjects<Sink>, 'list'>,
  { namespace, within, monotonic, pause }: WaitOptions,
  tell: (line: string) => void,
): Promise<ReadonlySet<string>> {
  const doubts = async (): Promise<readonly string[]> => inDoubt((await sinks.list(namespace)).objects)
  let left = await doubts()
  if (left.length > 0) tell(waiting(left.length, within))
  const end = monotonic() + within
  while (left.length > 0 && monotonic() < end) {
    await pause(LOOK_INTERVAL)
    const present = await doubts()
    left = left.filter((id) => present.includes(id))
  }
  return new Set(left)
}

const waiting = (creates: number, within: number): string =>
  `The result of ${creates} creates at Twilio is not known: waiting for it, at most ${Math.ceil(within / 1000)} s.`

/** What is protected stays in any case. */
const inDoubt = (sinks: readonly Sink[]): string[] =>
  sinks
    .filter((sink) => !isProtected(sink))
    .flatMap((sink) => openAttemptOf(sink) ?? [])
    .map(sendId)
