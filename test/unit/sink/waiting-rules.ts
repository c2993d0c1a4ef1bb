import { STALLED_REASONS } from '../../../src/api/condition.ts'
import { targetOf } from './design-rows.ts'
import type { Rule } from './rule.ts'

const AT_REST: ReadonlySet<string> = new Set([
  'Initialized',
  'Validating',
  'Failed',
  'Unrecognised',
  'Active',
])
const STALLED: ReadonlySet<string> = new Set(STALLED_REASONS)

const when = (broken: boolean, problem: string): string | undefined => (broken ? problem : undefined)

/** What must not be left undone or unsaid: proofs are asked for, people's requests answered, the way out named. */
export const WAITING_RULES: readonly Rule[] = [
  {
    name: 'what asks for a proof names a moment, and comes again when it can be had',
    broken: ({ o, decision: { effect, next } }) => {
      if (effect.kind === 'confirm-absence' && effect.sid === undefined)
        return when(effect.from > o.now.monotonic, 'too early')
      return when(next.kind === 'after' && next.ms < 0, 'in the past')
    },
  },
  {
    name: 'what waits for a proof asks for it as soon as it can be had',
    broken: ({ o, state, decision: { effect } }) => {
      const inDoubt = o.attempts.find(({ settled, seen }) => !settled && !seen)
      const from = {
        ToConfirmAbsence: o.snapshot.absenceConfirmableFrom,
        DeletionToConfirmAbsence: o.snapshot.absenceConfirmableFrom,
        InDoubt: inDoubt?.settlesAt,
        DeletionInDoubt: inDoubt?.settlesAt,
      }
      const due = Object.entries(from).find(([name]) => name === state.name)?.[1] ?? Infinity
      return when(due <= o.now.monotonic && effect.kind !== 'confirm-absence', 'nobody asks')
    },
  },
  {
    name: 'a sink whose SID is known is looked at without waiting for the LIST that follows',
    broken: ({ state, decision: { effect } }) => {
      if (state.name !== 'ToConfirmAbsence' && state.name !== 'DeletionToConfirmAbsence') return undefined
      return when(state.sid !== undefined && !('sid' in effect && effect.sid === state.sid), 'not looked at')
    },
  },
  {
    name: 'every blocked deletion names the way out',
    broken: ({ decision: { verdict } }) =>
      when(
        verdict.kind === 'deleting' &&
          verdict.blocked !== undefined &&
          !verdict.blocked.message.includes('Orphan'),
        'no way out',
      ),
  },
  {
    name: 'a deletion that waits for known subscriptions names each of them',
    broken: ({ o, decision: { verdict } }) => {
      if (verdict.kind !== 'deleting' || verdict.blocked?.reason !== 'SinkInUse') return undefined
      const { message } = verdict.blocked
      const used = o.snapshot.subscriptions?.get(targetOf(o).sid ?? '') ?? []
      return used.find((sid) => !message.includes(sid))
    },
  },
  {
    name: 'every blocked deletion keeps the finalizer and changes nothing at Twilio',
    broken: ({ decision: { effect, verdict } }) =>
      when(
        verdict.kind === 'deleting' &&
          verdict.blocked !== undefined &&
          effect.kind !== 'none' &&
          effect.kind !== 'confirm-absence',
        effect.kind,
      ),
  },
  {
    name: 'a test or a validation that was asked for is done once the sink is at rest, a test first',
    broken: ({ o, state, decision: { effect } }) => {
      if (!AT_REST.has(state.name)) return undefined
      const { test, validate } = o.requests
      const wanted = test !== undefined ? 'send-test' : validate !== undefined ? 'validate' : 'none'
      return when(effect.kind !== wanted, `${effect.kind} instead of ${wanted}`)
    },
  },
  {
    name: 'only Twilio says that a sink is active',
    broken: ({ decision: { verdict } }) =>
      when(verdict.kind === 'ready' && (verdict.status === 'True' || verdict.reason === 'Active'), 'guessed'),
  },
  {
    name: 'whatever is Stalled by a reason is so by a reason of the list, and comes back without haste',
    broken: ({ decision: { verdict, next } }) => {
      if (verdict.kind !== 'ready') return undefined
      const listed = STALLED.has(verdict.reason)
      if (listed !== (verdict.outlook === 'stalled')) return `${verdict.reason} is ${verdict.outlook}`
      return when(verdict.outlook === 'stalled' && next.kind === 'now', 'at once')
    },
  },
]
