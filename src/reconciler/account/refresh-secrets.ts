import { isDeepStrictEqual } from 'node:util'
import { secretsOf } from '../../sink/desired-sink.ts'
import { readDesired, readingOnce, rememberDesired, rememberedDesired } from '../observe/read-desired.ts'
import { KubernetesFailure } from '../ports.ts'
import type { AccountSinks } from './sinks-of-account.ts'
import type { ReconcileContext } from '../context.ts'

/**
 * Once per poll each Secret that the account's Sinks use is read, and just the Sinks whose values changed get a reconcile.
 */
export async function refreshSecrets(s: ReconcileContext, { sinks }: AccountSinks): Promise<void> {
  const readSecret = readingOnce(s.cluster)
  for (const { key, sink } of sinks) {
    const known = rememberedDesired(s, key, sink)
    if (
      known === undefined ||
      secretsOf(sink.spec).length === 0 ||
      sink.metadata.deletionTimestamp !== undefined
    )
      continue
    try {
      const { sink: desired } = await readDesired(sink, readSecret)
      if (isDeepStrictEqual(known, desired)) continue
      rememberDesired(s, key, sink, desired)
      s.enqueue.sink(key)
    } catch (error) {
      if (!(error instanceof KubernetesFailure)) throw error
      s.observer.log(
        'warn',
        { sink: key, reason: error.kind },
        'A Secret of a Sink could not be read; it is tried at the next poll',
      )
    }
  }
}
