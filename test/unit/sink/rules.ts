import type { Decision } from '../../../src/sink/decision.ts'
import type { Observation } from '../../../src/sink/observation.ts'
import { readMark, sameOwner } from '../../../src/sink/ownership-mark.ts'
import type { State } from '../../../src/sink/state.ts'
import { effectOf, EXPECTED, saidBy } from './table-expectations.ts'

/** One promise, over every observation. Returns what is wrong, or undefined. */
export interface Rule {
  readonly name: string
  readonly broken: (seen: {
    readonly o: Observation
    readonly state: State
    readonly decision: Decision
  }) => string | undefined
}

const CHANGES_TWILIO = new Set([
  'create',
  'rewrite-mark',
  'update-description',
  'delete',
  'send-test',
  'validate',
])

const when = (holds: boolean, problem: string): string | undefined => (holds ? problem : undefined)

export const RULES: readonly Rule[] = [
  {
    name: 'each state decides what the design says of its row',
    broken: ({ state, decision }) => {
      const expected = EXPECTED[state.name]
      if (!expected.effects.includes(effectOf(decision))) return `effect ${effectOf(decision)}`
      if (!expected.says.includes(saidBy(decision))) return `says ${saidBy(decision)}`
      return when(!expected.next.includes(decision.next.kind), `next ${decision.next.kind}`)
    },
  },
  {
    name: 'a living object never has its sink deleted or its finalizer removed',
    broken: ({ o, decision: { effect } }) =>
      when(
        !o.object.deleting && (effect.kind === 'delete' || effect.kind === 'remove-finalizer'),
        effect.kind,
      ),
  },
  {
    name: 'an object that is being deleted never has anything created, adopted or written at Twilio but the deletion',
    broken: ({ o, decision: { effect } }) =>
      when(
        o.object.deleting && !['none', 'prove', 'delete', 'remove-finalizer'].includes(effect.kind),
        effect.kind,
      ),
  },
  {
    name: 'a suspended object changes nothing at Twilio',
    broken: ({ o, decision: { effect } }) =>
      when(o.object.suspend && CHANGES_TWILIO.has(effect.kind), effect.kind),
  },
  {
    name: 'without a usable account, in another account, or on an old view, nothing at Twilio is changed',
    broken: ({ o, decision: { effect } }) => {
      const { account, snapshot, object } = o
      const present = account.kind === 'present' ? account : undefined
      const usable =
        present?.credential.state === 'usable' ||
        (object.deleting && present?.credential.state === 'remembered')
      const right = object.status.accountSid === undefined || object.status.accountSid === present?.accountSid
      return when(
        CHANGES_TWILIO.has(effect.kind) &&
          !(usable && right && !snapshot.overdue && snapshot.kind === 'present'),
        effect.kind,
      )
    },
  },
  {
    name: 'a sink with the mark of another object is never updated, deleted or recorded',
    broken: ({ o, decision: { effect } }) => {
      if (!('sink' in effect) || effect.kind === 'rewrite-mark') return undefined
      const { mark } = readMark(effect.sink.description)
      return when(mark !== undefined && !sameOwner(mark, o.owner), effect.kind)
    },
  },
  {
    name: 'a mark is rewritten only where its object is gone, or its installation is listed to be taken over',
    broken: ({ o, decision: { effect } }) => {
      if (effect.kind !== 'rewrite-mark') return undefined
      const listed = o.snapshot.elsewhere.some(
        ({ sink, takeOver }) => takeOver && sink.sid === effect.sink.sid,
      )
      const abandoned = o.snapshot.importAbandoned && o.snapshot.imported?.sid === effect.sink.sid
      return when(!listed && !abandoned, 'rewritten without leave')
    },
  },
  {
    name: 'a sink that an older object has recorded is never touched',
    broken: ({ o, decision: { effect } }) =>
      when('sink' in effect && (o.snapshot.claims.get(effect.sink.sid) ?? []).length > 0, effect.kind),
  },
  {
    name: 'a create needs proof that nothing is there, complete values, no import, no refusal and no hold',
    broken: ({ o, decision: { effect } }) => {
      if (effect.kind !== 'create') return undefined
      const { object, snapshot, attempts, desired, refusal, account } = o
      const gone = object.status.sid === undefined || snapshot.recordedGone
      const proven = gone && snapshot.nothingOfOurs && attempts.every(({ absent }) => absent)
      if (!proven) return 'absence is not proven'
      if (object.importSid !== undefined) return 'it is an import'
      if (desired.problem !== undefined || refusal !== undefined) return 'it would be refused'
      return when(account.kind !== 'present' || account.held !== undefined, 'the account holds changes')
    },
  },
  {
    name: 'an object is let go only when a person says so or its sink is proven gone',
    broken: ({ o, decision: { effect } }) => {
      if (effect.kind !== 'remove-finalizer') return undefined
      const { object, snapshot, attempts } = o
      if (object.deletionPolicy === 'Orphan' || o.definitionDeleting) return undefined
      const gone = object.status.sid === undefined || snapshot.recordedGone
      return when(
        !(gone && snapshot.nothingOfOurs && attempts.every(({ absent }) => absent)),
        'absence is not proven',
      )
    },
  },
  {
    name: 'a held account removes no finalizer for lack of a sink',
    broken: ({ o, decision: { effect } }) =>
      when(
        effect.kind === 'remove-finalizer' &&
          effect.because === 'released' &&
          o.account.kind === 'present' &&
          o.account.held !== undefined,
        'released',
      ),
  },
  {
    name: 'no sink is deleted while a subscription is known to use it',
    broken: ({ o, decision: { effect } }) =>
      when(
        effect.kind === 'delete' && (o.snapshot.subscriptions?.get(effect.sink.sid) ?? []).length > 0,
        'in use',
      ),
  },
  {
    name: 'a journal that was stripped comes back with the finalizer',
    broken: ({ o, decision: { effect } }) =>
      when(
        effect.kind === 'write-finalizer' && effect.attempt !== o.attempts.at(-1),
        'the open attempt is forgotten',
      ),
  },
  {
    name: 'what waits for a proof asks for it as soon as it can be had',
    broken: ({ o, state, decision: { effect } }) => {
      const waits = state.name === 'Unconfirmed' || state.name === 'DeletionUnconfirmed'
      return when(waits && o.snapshot.proofFrom <= o.now.monotonic && effect.kind !== 'prove', 'nobody asks')
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
]
