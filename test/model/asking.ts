import { AsyncLocalStorage } from 'node:async_hooks'
import {
  KUBERNETES_CALLS,
  type ModelCall,
  type CallKind,
  type ModelDeed,
  type Look,
  type ModelReply,
  type ModelTarget,
} from './input.ts'
import type { Product } from './product.ts'
import { FIRST_STEP, moment } from './time.ts'

/** How a process meets the outside: what it asks and waits for, what it sees on the spot, and what it has done. */
export interface Outside {
  readonly ask: <T>(what: CallKind, about: string, args: unknown) => Promise<T>
  readonly look: Look
  readonly did: (kind: ModelDeed['kind'], about: string, detail: unknown) => void
  /** A reconcile is due, at once or at a tick to come. */
  readonly wake: (target: ModelTarget, tick?: number) => void
  /** Monotonic milliseconds; each look is later than the one before. */
  readonly now: () => number
  readonly tick: number
}

export interface Asking extends Outside {
  readonly due: Map<ModelTarget, number>
  readonly deeds: readonly ModelDeed[]
  readonly step: number
  /** What has been asked and not been answered. */
  calls(): readonly ModelCall[]
  answer(call: number, reply: ModelReply): void
  /** What is asked meanwhile, and after each wait, is asked by this reconcile. */
  inPass<T>(target: ModelTarget, work: () => Promise<T>): Promise<T>
  /** The next step begins, and sees the world so. */
  goOn(tick: number, look: Look): void
}

interface Waiting extends ModelCall {
  readonly answer: (reply: ModelReply) => void
}

interface Beginning {
  readonly tick: number
  readonly step: number
  readonly due: readonly (readonly [ModelTarget, number])[]
}

export function createAsking(product: Product, { tick, step, due: dueBefore }: Beginning): Asking {
  const { KubernetesFailure, TwilioFailure } = product
  const waiting = new Map<number, Waiting>()
  const due = new Map<ModelTarget, number>(dueBefore)
  const deeds: ModelDeed[] = []
  const pass = new AsyncLocalStorage<ModelTarget>()
  let asked = 0
  let looks = 0
  let time = { tick, step }
  let sees: Look = () => undefined

  return {
    due,
    deeds,
    get tick() {
      return time.tick
    },
    get step() {
      return time.step
    },
    look: (what) => sees(what),
    did: (kind, about, detail) => {
      deeds.push({ kind, about, detail })
    },
    wake: (target, at = time.tick) => {
      due.set(target, Math.min(at, due.get(target) ?? at))
    },
    now: () => moment(time.tick, time.step, (looks += 1)),
    ask: <T>(what: CallKind, about: string, args: unknown): Promise<T> => {
      const { promise, resolve, reject } = Promise.withResolvers<T>()
      const id = (asked += 1)
      const message = 'as the model wants it'
      const answer = (reply: ModelReply): void => {
        if ('value' in reply) resolve(reply.value as T)
        else if (KUBERNETES_CALLS.includes(what))
          reject(new KubernetesFailure(reply.failure as 'conflict', message))
        else reject(new TwilioFailure({ kind: reply.failure as 'transient', message }))
      }
      waiting.set(id, { id, by: pass.getStore() ?? 'sink ?', what, about, args, tick: time.tick, answer })
      return promise
    },
    calls: () => [...waiting.values()].map(({ answer: _, ...call }) => call),
    answer: (call, reply) => {
      const one = waiting.get(call)
      waiting.delete(call)
      one?.answer(reply)
    },
    inPass: (target, work) => pass.run(target, work),
    goOn: (now, look) => {
      time = { tick: now, step: now === time.tick ? time.step + 1 : FIRST_STEP }
      looks = 0
      sees = look
    },
  }
}
