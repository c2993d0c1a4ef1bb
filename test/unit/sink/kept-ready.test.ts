import { describe, expect, it } from 'vitest'
import { READY_REASONS, type ReadyReason, findCondition } from '../../../src/api/condition.ts'
import { classify, decide } from '../../../src/sink/decide.ts'
import { nextStatus } from '../../../src/sink/report/next-status.ts'
import type { Observation } from '../../../src/sink/observation.ts'
import { both, facts, object, said, top, VALUES, type Change } from './facets.ts'
import { account, attempt, fresh, settledConditions, sid } from './observations.ts'

/** Ready as it was said before, by the reason alone. */
const before = (reason: ReadyReason, message = `${reason}, as before.`): Change => {
  const [ready] = settledConditions(['Ready', reason === 'Active' ? 'True' : 'False', reason])
  return said({ conditions: ready === undefined ? [] : [{ ...ready, message }] })
}

const reasonAfter = (o: Observation): string | undefined => {
  const decision = decide(classify(o), o)
  const status = nextStatus(o, decision, { kind: 'none' })
  return findCondition(status?.conditions ?? [], 'Ready')?.reason
}

/** The states that keep what was said before, each with the reasons that are true in it by what a reconcile sees. */
const unlisted = facts({ kind: 'none' })
const unproven = facts({ nothingOfOurs: false })
const vanished = both(said({ sid: sid('a'), accountSid: account().accountSid }), unproven)

const kept = (o: Observation): string[] =>
  READY_REASONS.filter((reason) => reason !== 'NotYetObserved' && reasonAfter(before(reason)(o)) === reason)

const OF_THE_SINK = [
  'Active',
  'ReplacementRequired',
  'UpdateNotSticking',
  'Initialized',
  'Validating',
  'Failed',
  'UnrecognisedStatus',
]

describe('what was said before is kept only while it is true', () => {
  it('before the first LIST: all but what a pass can see to be over, so that a restart writes nothing', () => {
    const over = [
      'AccountNotReady',
      'AccountMismatch',
      'CreateOutcomeUnknown',
      'SecretMissing',
      'InvalidValue',
      'ChangesHeld',
      'Deleting',
    ]
    const all: readonly string[] = READY_REASONS
    expect(kept(unlisted(fresh()))).toEqual(
      all.filter((reason) => reason !== 'NotYetObserved' && !over.includes(reason)),
    )
  })

  it('while a sink is looked for that nothing is recorded of: nothing, since Twilio has answered', () => {
    expect(kept(unproven(fresh()))).toEqual([])
  })

  it('while a recorded sink is not shown: what Twilio has told of it', () => {
    const keeps = kept(vanished(fresh()))
    expect(keeps.sort()).toEqual([...OF_THE_SINK].sort())
  })

  it('while suspended: what Twilio has told of the sink, and nothing that somebody may have fixed since', () => {
    const o = both(object({ suspend: true }), said({ sid: sid('a') }))(fresh())
    expect(kept(o).sort()).toEqual([...OF_THE_SINK].sort())
  })

  it.each<[ReadyReason, Change]>([
    ['ChangesHeld', both(unlisted, top({ account: account({ held: 'MassDisappearance' }) }))],
    ['CreateOutcomeUnknown', both(unlisted, top({ attempts: [attempt()] }))],
    ['SecretMissing', both(unlisted, VALUES['incomplete'] ?? ((o) => o))],
    ['InvalidValue', both(unlisted, VALUES['malformed'] ?? ((o) => o))],
  ])('%s stays while its cause is there', (reason, cause) => {
    expect(reasonAfter(before(reason)(cause(fresh())))).toBe(reason)
    expect(reasonAfter(before(reason)(unlisted(fresh())))).toBe('NotYetObserved')
  })

  it('a refusal of the credentials stays until Twilio answers, as long as the account itself tells of it', () => {
    const refusal = 'Twilio refuses the credentials.'
    const o = before('AccountNotReady', `TwilioAccount ${account().name}: ${refusal}`)(unlisted(fresh()))
    expect(reasonAfter(top({ account: account({ refusal }) })(o))).toBe('AccountNotReady')
    expect(reasonAfter(top({ account: account({ refusal: 'The Secret is gone.' }) })(o))).toBe(
      'NotYetObserved',
    )
    expect(reasonAfter(o)).toBe('NotYetObserved')
    // The account may not have said so yet: its Sinks are woken before.
    const answered = both(
      facts({ kind: 'present', nothingOfOurs: false }),
      top({ account: account({ refusal }) }),
    )
    expect(reasonAfter(answered(o))).toBe('NotYetObserved')
  })

  it('says something else for each thing that it waits for, and the same as long as it waits for it', () => {
    const message = (o: Observation): string | undefined => {
      const status = nextStatus(o, decide(classify(o), o), { kind: 'none' })
      return findCondition(status?.conditions ?? [], 'Ready')?.message
    }
    const waits = [
      unlisted(fresh()),
      unproven(fresh()),
      before('AccountNotReady')(vanished(fresh())),
      both(unproven, object({ importSid: sid('b') }))(fresh()),
      object({ suspend: true })(fresh()),
    ]
    const messages = waits.map(message)
    expect(new Set(messages).size).toBe(waits.length)
    expect(
      waits.map((o) =>
        message({ ...o, now: { wall: o.now.wall + 5000, monotonic: o.now.monotonic + 5000 } }),
      ),
    ).toEqual(messages)
  })

  it('takes along what explained it, and lets a suspended Sink be known by the generation of its Ready', () => {
    const stalled = said({
      conditions: settledConditions(
        ['Ready', 'False', 'OwnershipConflict'],
        ['Stalled', 'True', 'OwnershipConflict'],
      ),
    })
    const o = both(stalled, unproven)(fresh())
    const status = nextStatus(o, decide(classify(o), o), { kind: 'none' })
    expect(status?.conditions.map(({ type }) => type)).toEqual(['Ready'])
    const later = both(object({ generation: 7, suspend: true }), stalled)(fresh())
    const suspended = nextStatus(later, decide(classify(later), later), { kind: 'none' })
    expect(suspended?.observedGeneration).toBe(7)
    expect(findCondition(suspended?.conditions ?? [], 'Ready')?.observedGeneration).toBeLessThan(7)
  })
})
