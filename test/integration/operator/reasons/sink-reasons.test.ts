import { afterAll, beforeAll, describe, it } from 'vitest'
import { markedDescription, ownerOf } from '../../../../src/sink/ownership-mark.ts'
import {
  condition,
  ready,
  readyReason,
  setStage,
  sink,
  until,
  type SinkObject,
  type Stage,
} from '../stage.ts'
import { atTwilio, listed } from './at-twilio.ts'
import { showAndMend, type Reason } from './reason.ts'

const INSTALLATION = 'reasons'
let stage: Stage
beforeAll(async () => {
  stage = await setStage({
    name: 'reasons',
    settings: { validation: 'legacy', statusAfterCreateByType: { kinesis: 'initialized' } },
    flags: { 'installation-id': INSTALLATION },
  })
})
afterAll(() => stage.end())

const sidOf = async (name: string): Promise<string> => (await ready(stage, name)).status.sid ?? ''
const patch = (name: string, spec: unknown): string =>
  `kubectl patch sink ${name} --type=merge -p '${JSON.stringify({ spec })}'`
const changeAtTwilio = async (
  name: string,
  change: Parameters<Stage['simulator']['admin']['changeSink']>[1],
) => {
  await stage.simulator.admin.changeSink((await stage.get('sinks', name))?.status.sid ?? '', change)
}
const url = (name: string): string => `https://${name}.example.com/events`
const KINESIS = {
  arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/log',
  roleArn: 'arn:aws:iam::123456789012:role/twilio',
  externalId: 'external',
}
const reason = (name: string, wanted: string) => readyReason(stage, name, wanted)
const gone = (object: SinkObject | undefined): boolean => object === undefined
const marked = (name: string, number: number, installation = INSTALLATION): string =>
  markedDescription(`Events for ${name}`, { ...ownerOf(installation, `${stage.namespace}/${name}`), number })

const deletedWith = async (name: string): Promise<void> => {
  await stage.kubectl(['delete', 'sink', name, '--wait=false'])
}

const REASONS: readonly Reason[] = [
  {
    type: 'Ready',
    reason: 'Active',
    kind: 'sinks',
    name: 'active',
    when: 'The sink is active at Twilio: all is well. It delivers events as soon as a subscription uses it.',
    mend: ['# nothing to mend'],
    provoke: (s) => s.apply(sink('active')),
  },
  {
    type: 'Ready',
    reason: 'Initialized',
    kind: 'sinks',
    name: 'initialized',
    when: 'Twilio has created the sink but not activated it (its older flow of test and validation).',
    mend: ["kubectl annotate sink initialized events.twilio.com/test-requested-at='1'"],
    provoke: (s) => s.apply(sink('initialized', { kinesis: KINESIS })),
    healed: (object) => condition(object, 'Ready')?.reason === 'Validating',
  },
  {
    type: 'Reconciling',
    reason: 'Initialized',
    kind: 'sinks',
    name: 'initialized-too',
    when: 'As Ready Initialized: another pass is expected, since the status usually moves by itself.',
    mend: ["kubectl annotate sink initialized-too events.twilio.com/test-requested-at='1'"],
    provoke: (s) => s.apply(sink('initialized-too', { kinesis: KINESIS })),
    healed: (object) => condition(object, 'Ready')?.reason === 'Validating',
  },
  ...(['Ready', 'Reconciling'] as const).map((type): Reason => {
    const name = `validating-${type.toLowerCase()}`
    return {
      type,
      reason: 'Validating',
      kind: 'sinks',
      name,
      when: 'Twilio has sent a test event and waits for the id in it: read data.test_id at the destination.',
      mend: [`# kubectl annotate sink ${name} events.twilio.com/validate=<the test id>`],
      provoke: async (s) => {
        await s.apply(sink(name, { kinesis: KINESIS }))
        await reason(name, 'Initialized')
        await s.kubectl(['annotate', 'sink', name, 'events.twilio.com/test-requested-at=1'])
      },
      mendElsewhere: async (s) => {
        const found = await s.simulator.admin.sink((await s.get('sinks', name))?.status.sid ?? '')
        await s.kubectl(['annotate', 'sink', name, `events.twilio.com/validate=${found?.testId ?? ''}`])
      },
    }
  }),
  {
    type: 'Ready',
    reason: 'Failed',
    kind: 'sinks',
    name: 'failed',
    when: 'Twilio reports the sink as failed. What sets that is documented nowhere; its debugger names delivery errors.',
    mend: ['# at Twilio: mend the destination; the sink is active again'],
    provoke: async (s) => {
      await s.apply(sink('failed'))
      await ready(s, 'failed')
      await changeAtTwilio('failed', { status: 'failed' })
    },
    mendElsewhere: () => changeAtTwilio('failed', { status: 'active' }),
  },
  {
    type: 'Ready',
    reason: 'UnrecognisedStatus',
    kind: 'sinks',
    name: 'paused',
    when: 'Twilio reports a status word that this version does not know. It is mirrored as it is.',
    mend: ['# at Twilio: whatever the word calls for; or a newer version of the operator'],
    provoke: async (s) => {
      await s.apply(sink('paused'))
      await ready(s, 'paused')
      await changeAtTwilio('paused', { status: 'paused' })
    },
    mendElsewhere: () => changeAtTwilio('paused', { status: 'active' }),
  },
  {
    type: 'Ready',
    reason: 'OwnershipConflict',
    kind: 'sinks',
    name: 'second',
    when: 'The sink belongs to another object, or carries the mark of one. It is not touched.',
    mend: ['kubectl delete sink first'],
    provoke: async (s) => {
      const sid = await atTwilio(s).make('shared', url('shared'))
      const spec = {
        description: 'shared',
        webhook: { destination: url('shared') },
        import: { sid },
        deletionPolicy: 'Orphan',
      }
      await s.apply(sink('first', spec))
      await ready(s, 'first')
      await s.apply(sink('second', spec))
    },
  },
  {
    type: 'Ready',
    reason: 'ImportMismatch',
    kind: 'sinks',
    name: 'mismatch',
    when: 'The sink that is to be imported is not what the spec says.',
    mend: [patch('mismatch', { webhook: { destination: url('real') } })],
    provoke: async (s) => {
      const sid = await atTwilio(s).make('by hand', url('real'))
      await s.apply(sink('mismatch', { description: 'by hand', import: { sid }, deletionPolicy: 'Orphan' }))
    },
  },
  {
    type: 'Ready',
    reason: 'ImportNotFound',
    kind: 'sinks',
    name: 'not-found',
    when: 'Twilio has no sink with the SID that is to be imported. An import never creates one.',
    mend: [`kubectl patch sink not-found --type=json -p '[{"op":"remove","path":"/spec/import"}]'`],
    provoke: (s) =>
      s.apply(sink('not-found', { import: { sid: `DG${'f'.repeat(32)}` }, deletionPolicy: 'Delete' })),
  },
  {
    type: 'Ready',
    reason: 'MarkedElsewhere',
    kind: 'sinks',
    name: 'rebuilt',
    when: 'Another installation has made an equal sink for a Sink of this name, as after rebuilding a cluster from Git. Nothing is created until a person says what that installation is.',
    mend: [
      `kubectl patch twilioaccount default --type=merge -p '{"spec":{"otherInstallations":[{"id":"${ownerOf('old', 'x').installation}","treatAs":"TakeOver"}]}}'`,
    ],
    provoke: async (s) => {
      await atTwilio(s).make(marked('rebuilt', 1, 'old'), url('rebuilt'))
      await listed(s)
      await s.apply(sink('rebuilt'))
    },
  },
  {
    type: 'Ready',
    reason: 'Ambiguous',
    kind: 'sinks',
    name: 'ambiguous',
    when: 'More than one sink at Twilio could be the one of this object. Which one to keep is for a person to say.',
    mend: ['# at Twilio: delete all but one of the sinks that the message names'],
    provoke: async (s) => {
      await atTwilio(s).make(marked('ambiguous', 1), url('ambiguous'))
      await atTwilio(s).make(marked('ambiguous', 2), url('ambiguous'))
      await listed(s)
      await s.apply(sink('ambiguous'))
    },
    mendElsewhere: async (s) => {
      const [one] = (await s.simulator.admin.sinks()).filter(({ description }) =>
        description.startsWith('Events for ambiguous'),
      )
      await s.simulator.admin.deleteSink(one?.sid ?? '')
    },
  },
  ...(['Ready', 'Reconciling'] as const).map((type): Reason => {
    const name = `no-secret-${type.toLowerCase()}`
    return {
      type,
      reason: type === 'Ready' ? 'SecretMissing' : 'DependencyNotReady',
      kind: 'sinks',
      name,
      when: 'A Secret, a key in it or the account is missing. The Sink waits for it and looks every few seconds.',
      mend: [`kubectl create secret generic ${name} --from-literal=writeKey=canary-write-key`],
      provoke: (s) => s.apply(sink(name, { segment: { writeKeySecretRef: { name, key: 'writeKey' } } })),
    }
  }),
  {
    type: 'Ready',
    reason: 'InvalidValue',
    kind: 'sinks',
    name: 'invalid',
    when: 'A value out of a Secret is not what it has to be. The message names Secret and key, never the value.',
    mend: [
      `kubectl patch secret invalid --type=merge -p '{"stringData":{"url":"https://valid.example.com/events"}}'`,
    ],
    provoke: async (s) => {
      await s.kubectl(['create', 'secret', 'generic', 'invalid', '--from-literal=url=no-url-at-all'])
      await s.apply(sink('invalid', { webhook: { destinationSecretRef: { name: 'invalid', key: 'url' } } }))
    },
  },
  {
    type: 'Ready',
    reason: 'CreateRefused',
    kind: 'sinks',
    name: 'refused',
    when: 'Twilio refuses to create the sink; its code, words and link are in the message. It is tried again at once when the spec or a value changes, else slowly.',
    mend: [patch('refused', { description: 'Better words' })],
    provoke: async (s) => {
      await s.simulator.admin.addFault({
        kind: 'answer',
        status: 400,
        code: 91000,
        match: { operation: 'CreateSink', description: marked('refused', 1) },
      })
      await s.apply(sink('refused'))
    },
  },
  {
    type: 'Reconciling',
    reason: 'ProgressingWithRetry',
    kind: 'sinks',
    name: 'retrying',
    when: 'Twilio did not take the last request; it is tried again after growing delays. Nothing has to be done.',
    mend: ['# nothing to mend: it goes on by itself'],
    provoke: async (s) => {
      await s.apply(sink('retrying'))
      const sid = await sidOf('retrying')
      await s.simulator.admin.addFault({
        kind: 'answer',
        status: 503,
        times: 3,
        match: { operation: 'UpdateSink', sid },
      })
      await s.kubectl([
        'patch',
        'sink',
        'retrying',
        '--type=merge',
        '-p',
        '{"spec":{"description":"Other words"}}',
      ])
    },
  },
  {
    type: 'Ready',
    reason: 'RecreatedTooOften',
    kind: 'sinks',
    name: 'recreated',
    when: 'The sink was deleted at Twilio three times within an hour. Something deletes it on purpose; the operator does not fight.',
    mend: ["kubectl annotate sink recreated events.twilio.com/reconcile-requested-at='1'"],
    provoke: async (s) => {
      await s.apply(sink('recreated'))
      for (let turn = 0, last = ''; turn < 3; turn += 1) {
        const seen = await until('another SID', async () => {
          const sid = (await s.get('sinks', 'recreated'))?.status.sid
          return sid !== undefined && sid !== last && sid
        })
        last = seen
        await s.simulator.admin.deleteSink(seen)
      }
    },
  },
  {
    type: 'ReplacementRequired',
    reason: 'SecretChanged',
    kind: 'sinks',
    name: 'secret-changed',
    when: 'A value in a Secret is not the one that the sink was created with, and Twilio cannot change it. The sink goes on as it was.',
    mend: [
      `kubectl patch secret secret-changed --type=merge -p '{"stringData":{"writeKey":"canary-first-key"}}'`,
    ],
    provoke: async (s) => {
      await s.kubectl([
        'create',
        'secret',
        'generic',
        'secret-changed',
        '--from-literal=writeKey=canary-first-key',
      ])
      await s.apply(
        sink('secret-changed', {
          segment: { writeKeySecretRef: { name: 'secret-changed', key: 'writeKey' } },
        }),
      )
      await ready(s, 'secret-changed')
      await s.kubectl([
        'patch',
        'secret',
        'secret-changed',
        '--type=merge',
        '-p',
        '{"stringData":{"writeKey":"canary-second"}}',
      ])
    },
  },
  ...(['ReplacementRequired', 'Ready'] as const).map((type): Reason => {
    const name = `changed-${type === 'Ready' ? 'ready' : 'there'}`
    return {
      type,
      reason: type === 'Ready' ? 'ReplacementRequired' : 'ConfigurationChanged',
      kind: 'sinks',
      name,
      when: 'Type or configuration at Twilio are not what the spec says, and Twilio cannot change them. The lock on the spec is open so that it can be put right.',
      mend: [patch(name, { webhook: { destination: url('elsewhere') } })],
      provoke: async (s) => {
        await s.apply(sink(name))
        await ready(s, name)
        await changeAtTwilio(name, {
          configuration: { destination: url('elsewhere'), method: 'POST', batch_events: false },
        })
      },
    }
  }),
  {
    type: 'Ready',
    reason: 'UpdateNotSticking',
    kind: 'sinks',
    name: 'fought-over',
    when: 'Three equal corrections of the description within an hour did not last: something else writes it. The operator stops.',
    mend: [patch('fought-over', { description: 'What the other one writes' })],
    provoke: async (s) => {
      await s.apply(sink('fought-over'))
      const sid = await sidOf('fought-over')
      for (let turn = 0; turn < 4; turn += 1) {
        await s.simulator.admin.changeSink(sid, { description: 'What the other one writes' })
        await until('the correction, or its end', async () => {
          const corrected = (await s.simulator.admin.sink(sid))?.description.startsWith('Events for') ?? false
          return (
            corrected ||
            condition(await s.get('sinks', 'fought-over'), 'Ready')?.reason === 'UpdateNotSticking'
          )
        })
      }
    },
  },
  {
    type: 'DuplicateFound',
    reason: 'MarkSeenTwice',
    kind: 'sinks',
    name: 'twice',
    when: 'Beside the recorded sink another one carries the mark of this object. The operator never deletes by guess.',
    mend: ['# at Twilio: delete the sink that is not needed'],
    provoke: async (s) => {
      await s.apply(sink('twice'))
      await ready(s, 'twice')
      await atTwilio(s).make(marked('twice', 1), url('twice'))
    },
    mendElsewhere: async (s) => {
      const recorded = (await s.get('sinks', 'twice'))?.status.sid
      const others = (await s.simulator.admin.sinks()).filter(
        ({ description }) => description === marked('twice', 1),
      )
      for (const { sid } of others) if (sid !== recorded) await s.simulator.admin.deleteSink(sid)
    },
  },
  {
    type: 'DeletionBlocked',
    reason: 'Suspended',
    kind: 'sinks',
    name: 'suspended',
    when: 'The object is to be deleted while `spec.suspend` forbids every change at Twilio.',
    mend: [patch('suspended', { suspend: false })],
    provoke: async (s) => {
      await s.apply(sink('suspended'))
      await ready(s, 'suspended')
      await s.kubectl(['patch', 'sink', 'suspended', '--type=merge', '-p', '{"spec":{"suspend":true}}'])
      await deletedWith('suspended')
    },
    healed: gone,
  },
  {
    type: 'DeletionBlocked',
    reason: 'SinkInUse',
    kind: 'sinks',
    name: 'in-use',
    when: 'A subscription uses the sink; Twilio deletes it only when none does.',
    mend: ['# at Twilio: delete the subscription that the message names'],
    provoke: async (s) => {
      await s.apply(sink('in-use'))
      await atTwilio(s).subscribe(await sidOf('in-use'))
      await deletedWith('in-use')
    },
    mendElsewhere: async (s) => {
      const [used] = await s.simulator.admin.subscriptions()
      await atTwilio(s)
        .subscriptions(used?.sid ?? '')
        .remove()
    },
    healed: gone,
  },
  {
    type: 'DeletionBlocked',
    reason: 'Ambiguous',
    kind: 'sinks',
    name: 'which',
    when: 'More than one sink carries the mark of the object; which one is meant is not certain, so none is deleted.',
    mend: [patch('which', { deletionPolicy: 'Orphan' })],
    provoke: async (s) => {
      await atTwilio(s).make(marked('which', 1), url('which'))
      await atTwilio(s).make(marked('which', 2), url('which'))
      await listed(s)
      await s.apply(sink('which'))
      await reason('which', 'Ambiguous')
      await s.kubectl([
        'patch',
        'sink',
        'which',
        '--type=merge',
        '-p',
        '{"metadata":{"finalizers":["events.twilio.com/finalizer"]}}',
      ])
      await deletedWith('which')
    },
    healed: gone,
  },
  {
    type: 'DeletionBlocked',
    reason: 'OwnershipConflict',
    kind: 'sinks',
    name: 'taken',
    when: 'The recorded sink carries the mark of another object by now. It is not deleted.',
    mend: [patch('taken', { deletionPolicy: 'Orphan' })],
    provoke: async (s) => {
      await s.apply(sink('taken'))
      await ready(s, 'taken')
      await changeAtTwilio('taken', { description: marked('somebody-else', 1) })
      await reason('taken', 'OwnershipConflict')
      await deletedWith('taken')
    },
    healed: gone,
  },
]

describe.concurrent('each reason on a Sink', () => {
  it.each(REASONS)('$type $reason is explained on its page, and what the page says mends it', (one) =>
    showAndMend(stage, one),
  )
})
