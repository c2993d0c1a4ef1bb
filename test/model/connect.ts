import type { SinkList, TwilioAccountApi } from '../../src/reconciler/ports.ts'
import type { Moment } from '../../src/time/clock.ts'
import type { ExternalSink } from '../../src/external/external-sink.ts'
import type { Outside } from './asking.ts'
import type { CallKind } from './input.ts'
import type { Product } from './product.ts'
import type { Setting } from './setting.ts'

/** Twilio through one credential: everything is asked of the world, and waits for it. */
export function connectTo(
  { TwilioFailure }: Product,
  { slots }: Setting,
  { ask, look, now }: Outside,
): (account: string, user: string) => TwilioAccountApi {
  return (name, user) => {
    /** The port's own duty: immediately before each request that changes something. */
    const mutate = <T>(what: CallKind, about: string, args: object): Promise<T> => {
      if (look('leads') === true) return ask<T>(what, about, { user, name, ...args })
      throw new TwilioFailure({ kind: 'not-sent', message: 'this process does not lead' })
    }
    const inTime = ({ monotonic }: Moment): void => {
      if (now() > monotonic) throw new TwilioFailure({ kind: 'not-sent', message: 'too late' })
    }
    const fetchSink = (sid: string) => ask<ExternalSink>('get', sid, { user })
    let listed: Promise<SinkList & { subscriptions?: never[] }> | undefined
    return {
      listSinks: () => {
        listed = ask('list', name, { user })
        return listed
      },
      // One answer holds both, so that the two are asked for and fail together.
      listSubscriptions: async () => (await listed)?.subscriptions ?? [],
      fetchSink,
      writes: {
        withCreateSlot: async (work) => {
          if (slots) await ask('slot', name, {})
          return work(async (sink, notAfter) => {
            inTime(notAfter)
            return mutate<ExternalSink>('post', name, sink)
          })
        },
        withChangeSlot: async (work) => {
          if (slots) await ask('slot', name, {})
          return work({
            fetchSink,
            updateDescription: async (sid, description, notAfter) => {
              inTime(notAfter)
              return mutate<ExternalSink>('update', sid, { description })
            },
            deleteSink: async (sid, notAfter) => {
              inTime(notAfter)
              return mutate('delete', sid, {})
            },
          })
        },
      },
      probe: { sendTest: async () => 'submitted', validate: async () => 'valid' },
    }
  }
}
