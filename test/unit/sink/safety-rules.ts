import { readMark, sameOwner } from '../../../src/external/ownership-mark.ts'
import { targetOf } from './design-rows.ts'
import type { Rule } from './rule.ts'

const CHANGES_TWILIO = new Set([
  'create',
  'rewrite-mark',
  'update-description',
  'delete',
  'send-test',
  'validate',
])

const when = (broken: boolean, problem: string): string | undefined => (broken ? problem : undefined)

/** What must not be done, and to whom: nothing destroyed, nothing twice, nothing of others touched. */
export const SAFETY_RULES: readonly Rule[] = [
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
        o.object.deleting && !['none', 'confirm-absence', 'delete', 'remove-finalizer'].includes(effect.kind),
        effect.kind,
      ),
  },
  {
    name: 'a suspended object changes nothing at Twilio',
    broken: ({ o, decision: { effect } }) =>
      when(o.object.suspend && CHANGES_TWILIO.has(effect.kind), effect.kind),
  },
  {
    name: 'a suspended object is let go only when its sink may stay at Twilio',
    broken: ({ o, decision: { effect } }) =>
      when(
        o.object.suspend && effect.kind === 'remove-finalizer' && effect.because === 'sink-gone',
        effect.kind,
      ),
  },
  {
    name: 'without a usable account, in another account, or on an old view, nothing at Twilio is changed',
    broken: ({ o, decision: { effect } }) => {
      const { account, snapshot, object } = o
      const present = account.kind === 'present' ? account : undefined
      const usable =
        present?.credential.state === 'usable' ||
        (object.deleting && present?.credential.state === 'remembered')
      const named = [
        object.status.accountSid,
        ...o.attempts.filter(({ absent }) => !absent).map(({ accountSid }) => accountSid),
      ]
      const right = named.every(
        (accountSid) => accountSid === undefined || accountSid === present?.accountSid,
      )
      const allowed = usable && right && !snapshot.overdue && snapshot.kind === 'present'
      return when(CHANGES_TWILIO.has(effect.kind) && !allowed, effect.kind)
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
    name: 'a sink that another object has a better claim to is never touched',
    broken: ({ o, decision: { effect } }) =>
      when('sink' in effect && targetOf(o).kind === 'foreign', effect.kind),
  },
  {
    name: 'what is said of a sink is said of the recorded one, or of the one that is recorded with it',
    broken: ({ o, decision: { effect, verdict } }) => {
      const spoken = 'sink' in verdict ? verdict.sink?.sid : undefined
      if (spoken === undefined || spoken === o.object.status.sid) return undefined
      return when(effect.kind !== 'record' || effect.sink.sid !== spoken, `${effect.kind} of no such sink`)
    },
  },
  {
    name: 'a sink without mark is touched only where it is imported, or the status knows more of it than its SID',
    broken: ({ o, decision: { effect } }) => {
      if (!('sink' in effect) || readMark(effect.sink.description).mark !== undefined) return undefined
      const { importSid, status } = o.object
      return when(
        importSid !== effect.sink.sid &&
          (status.dateCreated !== effect.sink.dateCreated || status.url !== effect.sink.url),
        effect.kind,
      )
    },
  },
  {
    name: 'what is done to a sink is done to the one that the object means, and to no other',
    broken: ({ o, decision: { effect, verdict } }) => {
      const meant = targetOf(o)
      if ('sink' in effect && effect.sink.sid !== meant.sid) return `${effect.kind} of another sink`
      const asked = effect.kind === 'send-test' || effect.kind === 'validate'
      if (asked && (effect.sid !== meant.sid || meant.kind !== 'ours'))
        return `${effect.kind} of another sink`
      const spoken = 'sink' in verdict ? verdict.sink?.sid : undefined
      return when(spoken !== undefined && spoken !== meant.sid, 'another sink is spoken of')
    },
  },
  {
    name: 'a description that is written is the one of the spec, with our mark unless it is an import without',
    broken: ({ o, decision: { effect } }) => {
      if (effect.kind !== 'update-description' && effect.kind !== 'rewrite-mark') return undefined
      const { text, mark } = readMark(effect.description)
      if (text !== o.desired.description) return 'another text'
      if (mark === undefined) return when(o.object.importSid === undefined, 'the mark is lost')
      if (!sameOwner(mark, o.owner)) return 'the mark of another'
      const before = readMark(effect.sink.description).mark?.number
      const isSuccessor = mark.number > (o.object.status.createAttempt ?? 0)
      if (effect.kind === 'rewrite-mark') {
        const mayKeep = before !== undefined && before > (o.object.status.createAttempt ?? 0)
        if (mayKeep && mark.number !== before) return 'its number is not kept'
        return when(!isSuccessor, 'nobody would find it again')
      }
      return when(
        before === undefined ? isSuccessor && mark.number > 1 : mark.number !== before,
        'another number',
      )
    },
  },
  {
    name: 'a create needs proof that nothing is there, complete values, no import, no refusal and no hold',
    broken: ({ o, decision: { effect } }) => {
      if (effect.kind !== 'create') return undefined
      const { object, snapshot, attempts, desired, refusal, account } = o
      if (targetOf(o).kind !== 'absent') return 'a sink may be there'
      if (effect.number !== o.nextAttempt) return 'another number'
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
      if (object.deletionPolicy === 'Orphan' || o.crdDeleting) return undefined
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
          effect.because === 'sink-gone' &&
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
    name: 'an import never creates: without its sink it waits or says what to correct',
    broken: ({ o, decision: { effect } }) =>
      when(o.object.importSid !== undefined && effect.kind === 'create', 'created'),
  },
]
