import { z } from 'zod'

const texts = z.union([z.string(), z.array(z.string()).min(1)])

/** Which calls a fault is for; every named member must agree, a list means any of its members. */
const Match = z.strictObject({
  operation: texts.optional(),
  account: texts.optional(),
  credential: texts.optional(),
  sid: texts.optional(),
  method: texts.optional(),
  /** A part of the `Description` that the call sends. */
  description: z.string().optional(),
})

/** `times`: so many calls, all when absent. `after`: so many matching calls are let through first. */
const counted = {
  match: Match.default({}),
  times: z.int().min(1).optional(),
  after: z.int().min(0).default(0),
}

/** Whether the fault strikes before the call took effect, or after it. */
const phase = z.enum(['before', 'after']).default('before')
const ms = z.number().min(0)

export const FaultRule = z.discriminatedUnion('kind', [
  z.strictObject({ ...counted, kind: z.literal('latency'), ms, phase }),
  z.strictObject({
    ...counted,
    kind: z.literal('answer'),
    phase,
    status: z.int().min(200).max(599),
    body: z.enum(['classic', 'html', 'rfc9457', 'empty']).default('classic'),
    code: z.int().optional(),
    retryAfter: z.union([z.number().min(0), z.string()]).optional(),
  }),
  z.strictObject({ ...counted, kind: z.literal('reset'), phase }),
  z.strictObject({ ...counted, kind: z.literal('hang'), phase }),
  z.strictObject({
    ...counted,
    kind: z.literal('lateCommit'),
    ms,
    reply: z.enum(['hang', 'reset', 'error']).default('hang'),
  }),
  z.strictObject({ ...counted, kind: z.literal('halfJson'), cut: z.boolean().default(false) }),
  z.strictObject({ ...counted, kind: z.literal('staleList'), lagMs: ms }),
])
export type FaultRule = z.infer<typeof FaultRule>
export type FaultInput = z.input<typeof FaultRule>
export type Latency = Extract<FaultRule, { kind: 'latency' }>
/** Every fault but latency; a call meets at most one of them. */
export type Fault = Exclude<FaultRule, Latency>

/** A rule in force: its id, and how many calls it has struck. */
export type ArmedFault = FaultRule & { readonly id: string; readonly hits: number }

/** What a rule is compared with. */
export interface FaultSubject {
  readonly operation: string
  readonly account: string | null
  readonly credential: string | null
  readonly sid: string | null
  readonly method: string
  readonly description: string | null
}

export interface Faults {
  add(rule: unknown): ArmedFault
  list(): ArmedFault[]
  remove(id: string): boolean
  clear(): void
  /** The faults this call meets: all its latencies and the first other one. Counts them. */
  take(subject: FaultSubject): { latencies: Latency[]; fault: Fault | undefined }
}

interface Entry {
  readonly id: string
  readonly rule: FaultRule
  seen: number
  hits: number
}

export function createFaults(): Faults {
  let entries: Entry[] = []
  let lastId = 0

  const armed = ({ id, rule, hits }: Entry): ArmedFault => ({ ...rule, id, hits })

  return {
    add: (rule) => {
      const entry = { id: String(++lastId), rule: FaultRule.parse(rule), seen: 0, hits: 0 }
      entries.push(entry)
      return armed(entry)
    },
    list: () => entries.map(armed),
    remove: (id) => {
      const before = entries.length
      entries = entries.filter((entry) => entry.id !== id)
      return entries.length < before
    },
    clear: () => {
      entries = []
    },
    take: (subject) => {
      const latencies: Latency[] = []
      let fault: Fault | undefined
      for (const entry of entries) {
        const { rule } = entry
        if (rule.kind === 'latency') {
          if (strikes(entry, subject)) latencies.push(rule)
        } else if (!fault && strikes(entry, subject)) fault = rule
      }
      return { latencies, fault }
    },
  }
}

function strikes(entry: Entry, subject: FaultSubject): boolean {
  const { times, after } = entry.rule
  if (entry.hits >= (times ?? Infinity) || !matches(entry.rule.match, subject)) return false
  entry.seen += 1
  if (entry.seen <= after) return false
  entry.hits += 1
  return true
}

function matches(match: z.infer<typeof Match>, subject: FaultSubject): boolean {
  const names = ['operation', 'account', 'credential', 'sid', 'method'] as const
  const agrees = names.every((name) => {
    const wanted = match[name]
    return wanted === undefined || [wanted].flat().some((text) => text === subject[name])
  })
  return (
    agrees && (match.description === undefined || (subject.description ?? '').includes(match.description))
  )
}
