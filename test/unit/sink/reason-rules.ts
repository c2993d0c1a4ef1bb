import { differenceOf, notComparable } from '../../../src/sink/difference.ts'
import type { Observation } from '../../../src/sink/observation.ts'
import { readMark, sameOwner } from '../../../src/external/ownership-mark.ts'
import type { StateName } from '../../../src/sink/state.ts'
import { successorsOf, targetOf, targetSink } from './design-rows.ts'
import type { Rule } from './rule.ts'
import { saidBy } from './table-expectations.ts'

/**
 * Which of its sayings a state has to choose, by cause and written by hand; in the words of `table-expectations.ts`.
 * The states that are not here have only one.
 */
const SAID: Partial<Record<StateName, (o: Observation) => string>> = {
  AccountNotReady: (o) => `False/AccountNotReady${mayComeByItself(o) ? '~' : ''}`,
  DeletionWithoutAccount: ({ account }) => {
    if (account.kind === 'unreadable') return 'blocked:InvalidValue'
    if (account.kind !== 'present') return 'blocked:AccountMissing'
    return account.credential.state === 'unusable' ? 'blocked:CredentialsRefused' : 'blocked:AccountMismatch'
  },
  Conflicted: (o) => `False/${conflictOf(o)}!`,
  Invalid: ({ desired }) =>
    desired.problem?.kind === 'missing' ? 'False/SecretMissing~' : 'False/InvalidValue!',
  Refused: (o) => {
    const isWritten = ['ours', 'to take over'].includes(targetOf(o).kind)
    return `False/${(isWritten ? o.updateRefusal : o.refusal)?.reason}!`
  },
}

/** What is missing is waited for; what somebody has refused, or takes away, is not. */
function mayComeByItself({ account }: Observation): boolean {
  if (account.kind !== 'present') return account.kind === 'missing'
  const { credential, deleting } = account
  if (deleting || credential.state === 'usable') return false
  return credential.state === 'remembered' || credential.reason === 'SecretMissing'
}

function conflictOf(o: Observation): string {
  const { object, snapshot, account } = o
  const { imported, importGone, importAbandoned, recorded } = snapshot
  const forImport = object.importSid !== undefined && recorded === undefined && successorsOf(o).length === 0
  if (!forImport) return 'OwnershipConflict'
  if (account.kind === 'present' && (!account.importsAllowed || account.importsWait === true))
    return 'ImportNotAllowed'
  if (importGone || imported === undefined) return 'ImportNotFound'
  const { mark } = readMark(imported.description)
  if (mark !== undefined && !sameOwner(mark, o.owner) && !importAbandoned) return 'OwnershipConflict'
  return differenceOf(o.desired, imported, []) === undefined ? 'OwnershipConflict' : 'ImportMismatch'
}

const when = (broken: boolean, problem: string): string | undefined => (broken ? problem : undefined)

export const REASON_RULES: readonly Rule[] = [
  {
    name: 'of the reasons of a state the one is given that is the cause',
    broken: ({ o, state, decision }) => {
      const wanted = SAID[state.name]?.(o)
      return when(
        wanted !== undefined && saidBy(decision) !== wanted,
        `${saidBy(decision)} instead of ${wanted}`,
      )
    },
  },
  {
    name: 'a replacement is told as the change of a Secret when one is among the causes, and looked for then',
    broken: ({ o, state, decision: { verdict, next } }) => {
      const sink = targetSink(o)
      if (state.name !== 'ReplacementRequired' || sink === undefined) return undefined
      const secret = differenceOf(o.desired, sink, notComparable(o, sink))?.fromSecret === true
      const told = verdict.kind === 'ready' ? verdict.replacement : undefined
      if (told !== (secret ? 'SecretChanged' : 'ConfigurationChanged')) return told ?? 'nothing'
      return when(next.kind !== (secret ? 'after' : 'change'), next.kind)
    },
  },
  {
    name: 'another account is waited for only while a create may still show there',
    broken: ({ o, state, decision: { next } }) => {
      if (state.name !== 'AccountMismatch' || o.account.kind !== 'present') return undefined
      const { accountSid = o.account.accountSid } = o.object.status
      return when(next.kind !== (accountSid === o.account.accountSid ? 'account' : 'change'), next.kind)
    },
  },
  {
    name: 'a refusal is waited for until its time, and no shorter than nothing',
    broken: ({ o, state, decision: { next } }) =>
      when(
        state.name === 'Refused' &&
          (next.kind !== 'after' || next.ms !== Math.max(0, state.refusal.retryAt - o.now.monotonic)),
        next.kind,
      ),
  },
]
