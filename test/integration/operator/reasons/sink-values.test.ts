import { afterAll, beforeAll } from 'vitest'
import { condition } from '../../../rigs/sink-object.ts'
import { until } from '../../../rigs/until.ts'
import { sink } from '../stage.ts'
import { eachReason } from './each-reason.ts'
import type { Reason } from './reason.ts'
import { patch, setSinkStage, url, type SinkStage } from './sink-stage.ts'

let stage: SinkStage
beforeAll(async () => {
  stage = await setSinkStage({ name: 'values' })
})
afterAll(() => stage.end())

const secret = (name: string, key: string, value: string) =>
  stage.kubectl(['create', 'secret', 'generic', name, `--from-literal=${key}=${value}`])
const putting = (name: string, key: string, value: string): string =>
  `kubectl patch secret ${name} --type=merge -p '{"stringData":{"${key}":"${value}"}}'`
const segment = (name: string) => ({ segment: { writeKeySecretRef: { name, key: 'writeKey' } } })

const REASONS: readonly Reason[] = [
  {
    kind: 'sinks',
    name: 'no-secret',
    shows: { Ready: 'SecretMissing', Reconciling: 'DependencyNotReady' },
    when: 'A Secret that the spec names, or a key in it, is missing. The operator looks for it every few seconds. An existing sink stays as it is, but the Sink is not Ready, because nobody knows whether the sink is as the spec says. (While the TwilioAccount is missing, `Reconciling` has the reason `DependencyNotReady`, too.)',
    who: 'cluster',
    fix: 'kubectl create secret generic no-secret --from-literal=writeKey=YOUR_WRITE_KEY',
    provoke: () => stage.apply(sink('no-secret', segment('no-secret'))),
    fillIn: async () => ({ YOUR_WRITE_KEY: 'canary-write-key' }),
  },
  {
    kind: 'sinks',
    name: 'invalid',
    shows: { Ready: 'InvalidValue' },
    when: 'A value from a Secret is not valid, or this version of the operator cannot read the object. The message names the Secret and its key, or the field, but never the value. An existing sink stays as it is.',
    who: 'cluster',
    fix: putting('invalid', 'url', url('valid')),
    provoke: async () => {
      await secret('invalid', 'url', 'no-url-at-all')
      await stage.apply(
        sink('invalid', { webhook: { destinationSecretRef: { name: 'invalid', key: 'url' } } }),
      )
    },
  },
  {
    kind: 'sinks',
    name: 'refused',
    shows: { Ready: 'CreateRefused' },
    when: 'Twilio refuses to create the sink. The message has its code, words and link. The operator tries again at once when the spec or a value changes, and otherwise after long delays.',
    who: 'cluster',
    fix: patch('refused', { description: 'Better words' }),
    provoke: async () => {
      await stage.simulator.admin.addFault({
        kind: 'answer',
        status: 400,
        code: 91000,
        match: { operation: 'CreateSink', description: stage.marked('refused', 1) },
      })
      await stage.apply(sink('refused'))
    },
  },
  {
    kind: 'sinks',
    name: 'reworded',
    shows: { Ready: 'UpdateRefused' },
    when: 'Twilio refuses the description of the spec for an existing sink. The message has its code, words and link. The sink keeps its old description and goes on. The operator tries again at once when the spec changes, and otherwise after long delays.',
    who: 'cluster',
    fix: patch('reworded', { description: 'Better words' }),
    provoke: async () => {
      await stage.make('reworded')
      const description = stage.marked('reworded', 1).replace('Events for reworded', 'Refused words')
      const match = { operation: 'UpdateSink', description } as const
      await stage.simulator.admin.addFault({ kind: 'answer', status: 400, code: 91000, match })
      await stage.kubectl([
        'patch',
        'sink',
        'reworded',
        '--type=merge',
        '-p',
        '{"spec":{"description":"Refused words"}}',
      ])
    },
  },
  {
    kind: 'sinks',
    name: 'secret-changed',
    shows: { ReplacementRequired: 'SecretChanged' },
    when: 'A value in a Secret is not the one that the sink was created with, and Twilio cannot change it. The sink stays as it is.',
    who: 'cluster',
    fix: putting('secret-changed', 'writeKey', 'OLD_WRITE_KEY'),
    provoke: async () => {
      await secret('secret-changed', 'writeKey', 'canary-first-key')
      await stage.make('secret-changed', segment('secret-changed'))
      const stringData = { writeKey: 'canary-second' }
      await stage.kubectl([
        'patch',
        'secret',
        'secret-changed',
        '--type=merge',
        '-p',
        JSON.stringify({ stringData }),
      ])
    },
    fillIn: async () => ({ OLD_WRITE_KEY: 'canary-first-key' }),
  },
  {
    kind: 'sinks',
    name: 'changed',
    shows: { Ready: 'ReplacementRequired', ReplacementRequired: 'ConfigurationChanged' },
    when: 'Type or configuration at Twilio are not as the spec says, and Twilio cannot change them. As long as this is so, the API server accepts changes of these fields of the spec.',
    who: 'cluster',
    fix: patch('changed', { webhook: { destination: url('elsewhere') } }),
    provoke: async () => {
      await stage.make('changed')
      const configuration = { destination: url('elsewhere'), method: 'POST', batch_events: false }
      await stage.changeAtTwilio('changed', { configuration })
    },
  },
  {
    kind: 'sinks',
    name: 'fought-over',
    shows: { Ready: 'UpdateNotSticking' },
    when: 'The operator corrected the description three times within an hour, and something else changed it back each time. The operator stops correcting it.',
    who: 'cluster',
    fix: patch('fought-over', { description: 'What the other one writes' }),
    provoke: fightOver,
  },
  {
    kind: 'sinks',
    name: 'recreated',
    shows: { Ready: 'RecreatedTooOften' },
    when: 'Three creates within an hour have left no sink. Something deletes it at Twilio on purpose, or Twilio does not answer the creates. The operator waits until an hour has passed. A request to reconcile gives it one try at once.',
    who: 'cluster',
    fix: 'kubectl annotate sink recreated --overwrite events.twilio.com/reconcile-requested-at=1',
    provoke: deleteThrice,
  },
]

async function fightOver(): Promise<void> {
  const { sid = '' } = (await stage.make('fought-over')).status
  for (let turn = 0; turn < 4; turn += 1) {
    await stage.simulator.admin.changeSink(sid, { description: 'What the other one writes' })
    await until('the correction, or its end', async () => {
      const now = await stage.simulator.admin.sink(sid)
      const { reason } = condition(await stage.get('sinks', 'fought-over'), 'Ready') ?? {}
      return now?.description.startsWith('Events for') === true || reason === 'UpdateNotSticking'
    })
  }
}

async function deleteThrice(): Promise<void> {
  await stage.apply(sink('recreated'))
  for (let turn = 0, last = ''; turn < 3; turn += 1) {
    last = await until('another SID', async () => {
      const { sid } = (await stage.get('sinks', 'recreated'))?.status ?? {}
      return sid !== undefined && sid !== last && sid
    })
    await stage.simulator.admin.deleteSink(last)
  }
}

eachReason('what the spec and its values lead to', () => stage, REASONS)
