import { afterAll, beforeAll } from 'vitest'
import { until } from '../../../rigs/until.ts'
import { readyReason, sink } from '../stage.ts'
import { atTwilio, untilListed } from './at-twilio.ts'
import { deleteAtTwilio } from './command.ts'
import { eachReason } from './each-reason.ts'
import { isGone, ITSELF, type Reason } from './reason.ts'
import { refuseWrites } from './refuse-writes.ts'
import { patch, setSinkStage, url, type SinkStage } from './sink-stage.ts'

let stage: SinkStage
beforeAll(async () => {
  stage = await setSinkStage({
    name: 'deletions', // What shows for a settle time only must show for long enough.
    flags: { 'settle-time': '10s' },
  })
})
afterAll(() => stage.end())

const REASONS: readonly Reason[] = [
  {
    kind: 'sinks',
    name: 'suspended',
    shows: { DeletionBlocked: 'Suspended' },
    when: 'The object is being deleted, but `spec.suspend` forbids every change at Twilio.',
    who: 'cluster',
    fix: patch('suspended', { suspend: false }),
    provoke: async () => {
      await stage.make('suspended')
      const spec = { suspend: true }
      await stage.kubectl(['patch', 'sink', 'suspended', '--type=merge', '-p', JSON.stringify({ spec })])
      await stage.startDeleting('suspended')
    },
    healed: isGone,
  },
  {
    kind: 'sinks',
    name: 'in-use',
    shows: { DeletionBlocked: 'SinkInUse' },
    when: 'A subscription uses the sink. Twilio deletes a sink only if no subscription uses it.',
    who: 'twilio',
    fix: deleteAtTwilio('Subscriptions/SUBSCRIPTION_SID'),
    provoke: async () => {
      await stage.make('in-use')
      await atTwilio(stage).subscribe(await stage.sidOf('in-use'))
      // Twilio's refusal alone does not say which subscription it is.
      await until('the subscription is known', async () => {
        const { subscriptions = [] } = (await stage.get('sinks', 'in-use'))?.status ?? {}
        return subscriptions.length > 0
      })
      await stage.startDeleting('in-use')
    },
    fillIn: async () => ({ SUBSCRIPTION_SID: (await stage.simulator.admin.subscriptions())[0]?.sid ?? '' }),
    healed: isGone,
  },
  {
    kind: 'sinks',
    name: 'which',
    shows: { DeletionBlocked: 'Ambiguous' },
    when: 'More than one sink has the mark of the object. The operator does not know which one is meant and deletes none.',
    who: 'cluster',
    fix: patch('which', { deletionPolicy: 'Orphan' }),
    provoke: async () => {
      await atTwilio(stage).make(stage.marked('which', 1), url('which'))
      await atTwilio(stage).make(stage.marked('which', 2), url('which'))
      await untilListed(stage)
      await stage.apply(sink('which'))
      await readyReason(stage, 'which', 'Ambiguous')
      const metadata = { finalizers: ['events.twilio.com/finalizer'] }
      await stage.kubectl(['patch', 'sink', 'which', '--type=merge', '-p', JSON.stringify({ metadata })])
      await stage.startDeleting('which')
    },
    healed: isGone,
  },
  {
    kind: 'sinks',
    name: 'taken',
    shows: { DeletionBlocked: 'OwnershipConflict' },
    when: 'The recorded sink now has the mark of another object. The operator does not delete it.',
    who: 'cluster',
    fix: patch('taken', { deletionPolicy: 'Orphan' }),
    provoke: async () => {
      await stage.make('taken')
      await stage.changeAtTwilio('taken', { description: stage.marked('somebody-else', 1) })
      await readyReason(stage, 'taken', 'OwnershipConflict')
      await stage.startDeleting('taken')
    },
    healed: isGone,
  },
  {
    kind: 'sinks',
    name: 'odd',
    shows: { DeletionBlocked: 'InvalidValue' },
    when: 'The object is being deleted, and this version of the operator cannot read it or its TwilioAccount, because of a newer CRD or a status that was edited by hand.',
    who: 'cluster',
    fix: `kubectl patch sink odd --subresource=status --type=merge -p '{"status":{"createAttempt":1}}'`,
    provoke: async () => {
      await stage.make('odd')
      // The API server takes it; a number here cannot hold it.
      const patch = '{"status":{"createAttempt":9007199254740993}}'
      await stage.kubectl([
        ...['patch', 'sink', 'odd', '--subresource=status', '--type=merge'],
        ...['-p', patch],
      ])
      await readyReason(stage, 'odd', 'InvalidValue')
      await stage.startDeleting('odd')
    },
    healed: isGone,
  },
  {
    kind: 'sinks',
    name: 'kept',
    shows: { DeletionBlocked: 'WriteRefused' },
    when: 'The sink is gone or stays by `Orphan`, and the API server does not let the operator remove its finalizer: an admission policy, a webhook or a missing right. The message quotes the API server.',
    who: 'cluster',
    fix: 'kubectl delete validatingadmissionpolicybinding keep-kept-shop',
    provoke: async () => {
      await stage.make('kept')
      await refuseWrites(stage, 'kept')
      await stage.startDeleting('kept')
    },
    healed: isGone,
  },
  {
    kind: 'sinks',
    name: 'leaving',
    shows: { Ready: 'Deleting', Reconciling: 'Deleting' },
    when: 'The object is being deleted. It stays until the operator has a proof that its sink is gone. If a deletion is quick, you do not see this reason.',
    who: 'nobody',
    fix: ITSELF,
    provoke: async () => {
      const { sid = '' } = (await stage.make('leaving')).status
      const match = { operation: 'FetchSink', sid }
      await stage.simulator.admin.addFault({ kind: 'latency', ms: 300, match })
      await stage.simulator.admin.deleteSink(sid)
      await stage.startDeleting('leaving')
    },
    healed: isGone,
  },
]

eachReason('what a deletion waits for', () => stage, REASONS)
