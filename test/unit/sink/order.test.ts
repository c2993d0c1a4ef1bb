import { expect, it } from 'vitest'
import { classify } from '../../../src/sink/decide.ts'
import type { Observation } from '../../../src/sink/observation.ts'
import { markedDescription } from '../../../src/external/ownership-mark.ts'
import {
  account,
  attempt,
  DATE_CREATED,
  observedSink,
  fresh,
  mark,
  OTHER_ACCOUNT,
  otherConfiguration,
  RECORDED,
  settled,
  sid,
  snapshot,
} from './observations.ts'

type Peel = readonly [state: string, cause: (o: Observation) => Observation]
const object = (by: Partial<Observation['object']>) => (o: Observation) => ({
  ...o,
  object: { ...o.object, ...by },
})
const facts = (by: Partial<Observation['snapshot']>) => (o: Observation) => ({
  ...o,
  snapshot: { ...o.snapshot, ...by },
})
const top = (by: Partial<Observation>) => (o: Observation) => ({ ...o, ...by })

/**
 * An observation to which every row applies, from which one cause after the other is taken away: what shows is the
 * order of the rows. Each step names the state that shows before its cause is gone.
 */
function peeled(start: Observation, steps: readonly Peel[]): [string[], string[]] {
  const seen: string[] = []
  let o = start
  for (const [, remove] of steps) {
    seen.push(classify(o).name)
    o = remove(o)
  }
  return [seen, steps.map(([state]) => state)]
}

it('tries the rows of a deletion in the order of the design, since earlier ones guard later ones', () => {
  const start = settled(
    {
      account: { kind: 'missing', name: 'shop/default' },
      crdDeleting: true,
      attempts: [attempt()],
      inUseUntil: 2_000_000,
      snapshot: snapshot({ overdue: true, own: [], nothingOfOurs: false }),
    },
    { deleting: true, finalizer: false, deletionPolicy: 'Orphan', suspend: true, status: RECORDED },
  )
  const two = [mark(2), mark(3)].map((one, index) => ({
    sink: observedSink({ sid: sid(String(index + 5)), description: markedDescription('Orders', one) }),
    mark: one,
  }))
  const unmarked = observedSink({ description: 'Orders' })
  const older = {
    key: 'shop/older',
    uid: 'a',
    created: '2020-01-01T00:00:00Z',
    dateCreated: DATE_CREATED,
    kind: 'recorded',
    matches: true,
  } as const
  const [seen, wanted] = peeled(start, [
    ['NotOurs', object({ finalizer: true })],
    ['Orphaned', object({ deletionPolicy: 'Delete' })],
    ['Orphaned', top({ crdDeleting: false })],
    ['DeletionSuspended', object({ suspend: false })],
    [
      'DeletionWithoutAccount',
      top({ account: account({ accountSid: OTHER_ACCOUNT, held: 'MassDisappearance' }) }),
    ],
    ['DeletionWithoutAccount', top({ account: account({ held: 'MassDisappearance' }) })],
    ['DeletionUnreachable', facts({ overdue: false })],
    ['DeletionHeld', top({ account: account() })],
    ['DeletionInDoubt', top({ attempts: [] })],
    ['DeletionToConfirmAbsence', facts({ own: two })],
    ['DeletionAmbiguous', facts({ recorded: unmarked, claims: new Map([[sid('a'), [older]]]) })],
    ['DeletionConflicted', facts({ recorded: observedSink(), claims: new Map() })],
    ['Blocked', top({ inUseUntil: undefined })],
    ['ToDelete', facts({ recorded: undefined, recordedGone: true, own: [], nothingOfOurs: true })],
    ['SinkGone', (o) => o],
  ])
  expect(seen).toEqual(wanted)
})

it('tries the rows of a living object in the order of the design, since earlier ones guard later ones', () => {
  const imported = observedSink({ sid: sid('d'), description: 'Orders', configuration: otherConfiguration })
  const start = fresh(
    {
      account: { kind: 'missing', name: 'shop/default' },
      attempts: [attempt()],
      desired: { ...fresh().desired, problem: { kind: 'missing', message: 'no' } },
      refusal: {
        reason: 'QuotaExceeded',
        failure: undefined,
        said: undefined,
        attempt: undefined,
        retryAt: 2_000_000,
      },
      snapshot: snapshot({
        kind: 'none',
        overdue: true,
        imported,
        nothingOfOurs: false,
        elsewhere: [
          {
            sink: observedSink({ sid: sid('e') }),
            mark: mark(1, { installation: 'qqqqqq' }),
            takeOver: false,
          },
        ],
      }),
    },
    { finalizer: false, suspend: true, importSid: sid('d'), journal: 1 },
  )
  const abandoned = observedSink({
    sid: sid('d'),
    description: markedDescription('Orders', mark(1, { object: 'zzzzzzzzzzzz' })),
  })
  const [seen, wanted] = peeled(start, [
    ['FinalizerLost', object({ finalizer: true })],
    ['Suspended', object({ suspend: false })],
    ['AccountNotReady', top({ account: account({ accountSid: OTHER_ACCOUNT, held: 'MassDisappearance' }) })],
    ['AccountMismatch', top({ account: account({ held: 'MassDisappearance' }) })],
    ['Unreachable', facts({ overdue: false })],
    ['NotYetObserved', facts({ kind: 'present' })],
    ['HeldInDoubt', top({ account: account() })],
    ['InDoubt', top({ attempts: [] })],
    ['Conflicted', facts({ imported: abandoned, importAbandoned: true })],
    ['MarkedElsewhere', (o) => object({ finalizer: false })(facts({ elsewhere: [] })(o))],
    ['ToAddFinalizer', object({ finalizer: true })],
    [
      'ToTakeOver',
      (o) => object({ importSid: undefined })(top({ account: account({ held: 'MassDisappearance' }) })(o)),
    ],
    ['Held', top({ account: account() })],
    [
      'ToConfirmAbsence',
      facts({ own: [1, 2].map((n) => ({ sink: observedSink({ sid: sid(String(n)) }), mark: mark(n) })) }),
    ],
    ['Ambiguous', facts({ own: [{ sink: observedSink(), mark: mark(1) }] })],
    ['ToAdopt', facts({ own: [], nothingOfOurs: true })],
    ['Invalid', top({ desired: fresh().desired })],
    ['Refused', top({ refusal: undefined })],
    ['ToCreate', () => changed],
    ['ReplacementRequired', facts({ recorded: observedSink() })],
    ['NotSticking', top({ notSticking: false })],
    ['Drifted', top({ desired: fresh().desired })],
    ['Active', (o) => o],
  ])
  expect(seen).toEqual(wanted)
})

/** Recorded, with another configuration and another description at once, and corrections that did not last. */
const changed: Observation = settled({
  notSticking: true,
  desired: { ...fresh().desired, description: 'New words' },
  snapshot: snapshot({ recorded: observedSink({ configuration: otherConfiguration }) }),
})
