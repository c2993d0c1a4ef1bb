import type { Exchange } from './exchange.ts'

/** What an answer is, whole. */
export interface WholeAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: string
}

/** Before the request goes on to the server, or after the server has answered and before the operator hears of it. */
type Phase = 'before' | 'after'

export type RequestAction =
  /** Instead of the server's; the server sees nothing. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly body?: string
      readonly headers?: Readonly<Record<string, string>>
    }
  | { readonly kind: 'reset'; readonly phase: Phase }
  /** Until released. An operator that goes away meanwhile has sent nothing (`before`) or hears nothing (`after`). */
  | { readonly kind: 'hold'; readonly phase: Phase }
  | { readonly kind: 'delay'; readonly phase: Phase; readonly ms: number }
  /** The operator is never answered: a timeout without (`before`) or with effect (`after`). */
  | { readonly kind: 'swallow'; readonly phase: Phase }
  /** Never answered, and goes on to the server only after so long, whatever became of the operator. */
  | { readonly kind: 'late'; readonly ms: number }
  | { readonly kind: 'rewrite'; readonly rewrite: (answer: WholeAnswer) => WholeAnswer }
  /** Changes nothing; strikes when the answer is on its way. */
  | { readonly kind: 'note' }

export type LineAction =
  /** From this line on nothing passes and the connection stays. */
  | { readonly kind: 'freeze' }
  /** From this line on nothing passes; after so long the connection breaks. */
  | { readonly kind: 'drop'; readonly ms: number }
  /** This line alone is left out. */
  | { readonly kind: 'omit' }
  /** In place of the line comes the error of a version that is too old, and the watch ends. */
  | { readonly kind: 'gone' }
  /** Half the line, then the connection breaks. */
  | { readonly kind: 'half' }
  /** This line and what follows wait until released. */
  | { readonly kind: 'hold' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Changes nothing; strikes when the line is on its way. */
  | { readonly kind: 'note' }

export interface ProxyRule<Action> {
  readonly match: {
    readonly name?: string
    readonly path?: RegExp
    readonly when?: (exchange: Exchange) => boolean
  }
  /** So many matches pass first; default none. */
  readonly after?: number
  /** So many are struck; default one. */
  readonly times?: number
  readonly action: Action
  /** Called at once with each one that is struck. MUST NOT throw. */
  readonly then?: (exchange: Exchange) => void
}

export interface Armed {
  /** The first exchange that was struck. */
  readonly struck: Promise<Exchange>
  count(): number
  /** Forwards what it holds. */
  release(): void
  /** Strikes no more, and forwards what it holds. */
  disarm(): void
}

/** A rule that strikes one exchange. */
export interface ProxyStrike<Action> {
  readonly action: Action
  readonly released: Promise<void>
  /** To be called at the moment of the effect. */
  tell(): void
}

export interface Rules<Action extends { readonly kind: string }> {
  arm(rule: ProxyRule<Action>): Armed
  /** The oldest rule that strikes `exchange`, if any: counts as one match of every rule before it, too. */
  strike(exchange: Exchange): ProxyStrike<Action> | undefined
  clear(): void
}

interface Held<Action> {
  readonly rule: ProxyRule<Action>
  readonly released: PromiseWithResolvers<void>
  readonly struck: PromiseWithResolvers<Exchange>
  matches: number
  strikes: number
}

export function createRules<Action extends { readonly kind: string }>(): Rules<Action> {
  const rules = new Set<Held<Action>>()
  const disarm = (held: Held<Action>): void => {
    rules.delete(held)
    held.released.resolve()
  }
  return {
    arm: (rule) => {
      const held: Held<Action> = {
        rule,
        released: Promise.withResolvers<void>(),
        struck: Promise.withResolvers<Exchange>(),
        matches: 0,
        strikes: 0,
      }
      rules.add(held)
      return {
        struck: held.struck.promise,
        count: () => held.strikes,
        release: () => held.released.resolve(),
        disarm: () => disarm(held),
      }
    },
    strike: (exchange) => {
      const held = [...rules].find((one) => strikes(one, exchange))
      return held && strikeOf(held, exchange)
    },
    clear: () => [...rules].forEach(disarm),
  }
}

function strikes<Action>(held: Held<Action>, exchange: Exchange): boolean {
  const { match, after = 0, times = 1 } = held.rule
  if (match.name !== undefined && match.name !== exchange.name) return false
  if (match.path !== undefined && !match.path.test(exchange.path)) return false
  if (match.when !== undefined && !match.when(exchange)) return false
  held.matches += 1
  if (held.matches <= after || held.matches > after + times) return false
  return true
}

function strikeOf<Action extends { readonly kind: string }>(
  held: Held<Action>,
  exchange: Exchange,
): ProxyStrike<Action> {
  return {
    action: held.rule.action,
    released: held.released.promise,
    tell: () => {
      held.strikes += 1
      exchange.struckBy = held.rule.action.kind
      held.rule.then?.(exchange)
      held.struck.resolve(exchange)
    },
  }
}
