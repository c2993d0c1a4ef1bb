import { afterAll, beforeAll } from 'vitest'
import { ownerOf } from '../../../../src/external/ownership-mark.ts'
import { sink } from '../stage.ts'
import { atTwilio, untilListed } from './at-twilio.ts'
import { deleteAtTwilio } from './command.ts'
import { eachReason } from './each-reason.ts'
import type { Reason } from './reason.ts'
import { patch, setSinkStage, url, type SinkStage } from './sink-stage.ts'

let stage: SinkStage
beforeAll(async () => {
  stage = await setSinkStage({ name: 'ownership' })
})
afterAll(() => stage.end())

const OLD = ownerOf('old', 'any/name').installation

/** SID of the last of the sinks with this text in their description, but for the one that the object has. */
async function another(text: string, recordedBy?: string): Promise<Readonly<Record<string, string>>> {
  const object = recordedBy === undefined ? undefined : await stage.get('sinks', recordedBy)
  const found = (await stage.simulator.admin.sinks()).filter(
    ({ sid, description }) => description.startsWith(text) && sid !== object?.status.sid,
  )
  return { SINK_SID: found.at(-1)?.sid ?? '' }
}

const REASONS: readonly Reason[] = [
  {
    kind: 'sinks',
    name: 'second',
    shows: { Ready: 'OwnershipConflict' },
    when: 'The sink belongs to another object or has its mark; or an earlier Sink of this name left it (`Orphan`, or a lost cluster) and it differs from this one; or only `status.sid` says that it belongs to this Sink. The operator does not touch it.',
    who: 'cluster',
    fix: `${patch('first', { deletionPolicy: 'Orphan' })}\nkubectl delete sink first`,
    provoke: async () => {
      const sid = await atTwilio(stage).make('shared', url('shared'))
      const spec = {
        description: 'shared',
        webhook: { destination: url('shared') },
        import: { sid },
        deletionPolicy: 'Orphan',
      }
      await stage.make('first', spec)
      await stage.apply(sink('second', spec))
    },
  },
  {
    kind: 'sinks',
    name: 'mismatch',
    shows: { Ready: 'ImportMismatch' },
    when: 'The sink that is to be imported is not as the spec says.',
    who: 'cluster',
    fix: patch('mismatch', { webhook: { destination: url('real') } }),
    provoke: async () => {
      const sid = await atTwilio(stage).make('by hand', url('real'))
      const spec = { description: 'by hand', import: { sid }, deletionPolicy: 'Orphan' }
      await stage.apply(sink('mismatch', spec))
    },
  },
  {
    kind: 'sinks',
    name: 'not-found',
    shows: { Ready: 'ImportNotFound' },
    when: 'Twilio has no sink with the SID that is to be imported. An import never creates one.',
    who: 'cluster',
    fix: `kubectl patch sink not-found --type=json -p '[{"op":"remove","path":"/spec/import"}]'`,
    provoke: () =>
      stage.apply(sink('not-found', { import: { sid: `DG${'f'.repeat(32)}` }, deletionPolicy: 'Delete' })),
  },
  {
    kind: 'sinks',
    name: 'rebuilt',
    shows: { Ready: 'MarkedElsewhere' },
    when: 'Another installation has created a sink for a Sink of this name, with this or another configuration. This happens when a cluster is rebuilt from Git. The operator creates nothing until a person says what that installation is.',
    who: 'cluster',
    fix: `kubectl patch twilioaccount default --type=merge -p '{"spec":{"otherInstallations":[{"id":"${OLD}","treatAs":"TakeOver"}]}}'`,
    provoke: async () => {
      await atTwilio(stage).make(stage.marked('rebuilt', 1, 'old'), url('rebuilt'))
      await untilListed(stage)
      await stage.apply(sink('rebuilt'))
    },
  },
  {
    kind: 'sinks',
    name: 'ambiguous',
    shows: { Ready: 'Ambiguous' },
    when: 'More than one sink at Twilio could be the one of this object. A person has to decide which one to keep.',
    who: 'twilio',
    fix: deleteAtTwilio('Sinks/SINK_SID'),
    provoke: async () => {
      await atTwilio(stage).make(stage.marked('ambiguous', 1), url('ambiguous'))
      await atTwilio(stage).make(stage.marked('ambiguous', 2), url('ambiguous'))
      await untilListed(stage)
      await stage.apply(sink('ambiguous'))
    },
    fillIn: () => another('Events for ambiguous'),
  },
  {
    kind: 'sinks',
    name: 'twice',
    shows: { DuplicateFound: 'MarkSeenTwice' },
    when: 'Besides the recorded sink, another one has the mark of this object. The operator does not guess which one to delete.',
    who: 'twilio',
    fix: deleteAtTwilio('Sinks/SINK_SID'),
    provoke: async () => {
      await stage.make('twice')
      await atTwilio(stage).make(stage.marked('twice', 1), url('twice'))
    },
    fillIn: () => another('Events for twice', 'twice'),
  },
]

eachReason('whose a sink is', () => stage, REASONS)
