import { afterAll, beforeAll } from 'vitest'
import { condition, type SinkObject } from '../../../rigs/sink-object.ts'
import { readyReason, sink } from '../stage.ts'
import { eachReason } from './each-reason.ts'
import { ALL_IS_WELL, ITSELF, type Reason } from './reason.ts'
import { setSinkStage, type SinkStage } from './sink-stage.ts'

let stage: SinkStage
beforeAll(async () => {
  stage = await setSinkStage({
    name: 'statuses',
    settings: { validation: 'legacy', statusAfterCreateByType: { kinesis: 'initialized' } },
  })
})
afterAll(() => stage.end())

const KINESIS = {
  arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/log',
  roleArn: 'arn:aws:iam::123456789012:role/twilio',
  externalId: 'external',
}
const TWILIO_SAYS = async (name: string, status: string): Promise<void> => {
  await stage.make(name)
  await stage.changeAtTwilio(name, { status })
}

/** Until it has been seen. */
let refusing = ''

const REASONS: readonly Reason[] = [
  {
    kind: 'sinks',
    name: 'active',
    shows: { Ready: 'Active' },
    when: 'The sink is active at Twilio. It delivers events as soon as a subscription uses it.',
    who: 'nobody',
    fix: ALL_IS_WELL,
    provoke: () => stage.apply(sink('active')),
  },
  {
    kind: 'sinks',
    name: 'initialized',
    shows: { Ready: 'Initialized', Reconciling: 'Initialized' },
    when: 'Twilio has created the sink but not activated it (its older flow of test and validation). Usually Twilio activates it later.',
    who: 'cluster',
    fix: 'kubectl annotate sink initialized --overwrite events.twilio.com/test-requested-at=1',
    provoke: () => stage.apply(sink('initialized', { kinesis: KINESIS })),
    healed: (object: SinkObject | undefined) => condition(object, 'Ready')?.reason === 'Validating',
  },
  {
    kind: 'sinks',
    name: 'validating',
    shows: { Ready: 'Validating', Reconciling: 'Validating' },
    when: 'Twilio has sent a test event and waits for the id in it: read `data.test_id` at the destination.',
    who: 'cluster',
    fix: 'kubectl annotate sink validating --overwrite events.twilio.com/validate=TEST_ID',
    provoke: async () => {
      await stage.apply(sink('validating', { kinesis: KINESIS }))
      await readyReason(stage, 'validating', 'Initialized')
      await stage.kubectl(['annotate', 'sink', 'validating', 'events.twilio.com/test-requested-at=1'])
    },
    fillIn: async () => {
      const { sid = '' } = (await stage.get('sinks', 'validating'))?.status ?? {}
      return { TEST_ID: (await stage.simulator.admin.sink(sid))?.testId ?? '' }
    },
  },
  {
    kind: 'sinks',
    name: 'failed',
    shows: { Ready: 'Failed' },
    when: 'Twilio reports the sink as failed. Twilio does not document what causes this; its debugger names delivery errors.',
    who: 'twilio',
    fix: '# fix the destination until Twilio says active again',
    provoke: () => TWILIO_SAYS('failed', 'failed'),
    elsewhere: () => stage.changeAtTwilio('failed', { status: 'active' }),
  },
  {
    kind: 'sinks',
    name: 'paused',
    shows: { Ready: 'UnrecognisedStatus' },
    when: 'Twilio reports a status that this version of the operator does not know. The operator shows it as it is.',
    who: 'twilio',
    fix: '# whatever the word calls for; or a newer version of the operator',
    provoke: () => TWILIO_SAYS('paused', 'paused'),
    elsewhere: () => stage.changeAtTwilio('paused', { status: 'active' }),
  },
  {
    kind: 'sinks',
    name: 'retrying',
    shows: { Reconciling: 'ProgressingWithRetry' },
    when: 'The last request at Twilio failed, or the API server refused a write, and the operator tries it again after growing delays. `Ready` stays as it was.',
    who: 'nobody',
    fix: ITSELF,
    provoke: async () => {
      const { status } = await stage.make('retrying')
      const { id } = await stage.simulator.admin.addFault({
        kind: 'answer',
        status: 503,
        match: { operation: 'UpdateSink', sid: status.sid ?? '' },
      })
      refusing = id
      const spec = { description: 'Other words' }
      await stage.kubectl(['patch', 'sink', 'retrying', '--type=merge', '-p', JSON.stringify({ spec })])
    },
    elsewhere: () => stage.simulator.admin.removeFault(refusing),
  },
]

eachReason('what Twilio says of a sink', () => stage, REASONS)
