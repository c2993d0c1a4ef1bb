import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../../rigs/until.ts'
import { hex } from '../../../rigs/simulator/sids.ts'
import type { EventReason } from '../../../../src/sink/report/events.ts'
import { ready, sink } from '../stage.ts'
import { atTwilio, untilListed } from './at-twilio.ts'
import { refuseWrites } from './refuse-writes.ts'
import { url, type SinkStage } from './sink-stage.ts'

/** An event of its own, that is: not the words of a condition that appears. */
export interface EventRow {
  readonly reason: EventReason
  /** For the page: it is told when … */
  readonly when: string
  /** Lets it happen to a Sink of this name. */
  readonly happen: (stage: SinkStage, name: string) => Promise<unknown>
}

const change = (stage: SinkStage, name: string, spec: object) =>
  stage.kubectl(['patch', 'sink', name, '--type=merge', '-p', JSON.stringify({ spec })])
const annotate = (stage: SinkStage, name: string, annotation: string) =>
  stage.kubectl(['annotate', 'sink', name, `events.twilio.com/${annotation}`])

export const EVENT_ROWS: readonly EventRow[] = [
  {
    reason: 'SinkCreated',
    when: 'the operator created the sink at Twilio',
    happen: (stage, name) => stage.make(name),
  },
  {
    reason: 'SinkAdopted',
    when: 'the operator found a sink with the mark of this object and recorded it, instead of creating another; the note says so if an earlier Sink of this name has left it',
    happen: async (stage, name) => {
      await atTwilio(stage).make(stage.marked(name, 1), url(name))
      await untilListed(stage)
      await stage.make(name)
    },
  },
  {
    reason: 'SinkImported',
    when: 'the operator took over the sink of `import.sid`',
    happen: async (stage, name) => {
      const description = `By hand ${hex(4)}`
      const sid = await atTwilio(stage).make(description, url(name))
      await stage.make(name, { description, import: { sid }, deletionPolicy: 'Orphan' })
    },
  },
  {
    reason: 'DescriptionUpdated',
    when: 'the operator changed the description at Twilio, because the spec changed or somebody changed it at Twilio',
    happen: async (stage, name) => {
      await stage.make(name)
      await change(stage, name, { description: 'Other words' })
    },
  },
  {
    reason: 'StatusChanged',
    when: 'Twilio reports another status of the sink',
    happen: async (stage, name) => {
      await stage.make(name)
      await stage.changeAtTwilio(name, { status: 'failed' })
    },
  },
  {
    reason: 'SinkDeleted',
    when: 'the sink of a deleted object is certainly gone, and the operator removed the finalizer',
    happen: async (stage, name) => {
      await stage.make(name)
      await stage.startDeleting(name)
    },
  },
  {
    reason: 'SinkOrphaned',
    when: 'an object was deleted and its sink stays at Twilio, because of `deletionPolicy: Orphan` or because the CRD is being deleted',
    happen: async (stage, name) => {
      await stage.make(name, { deletionPolicy: 'Orphan' })
      await stage.startDeleting(name)
    },
  },
  {
    reason: 'Suspended',
    when: 'somebody set `spec.suspend`',
    happen: async (stage, name) => {
      await stage.make(name)
      await change(stage, name, { suspend: true })
    },
  },
  {
    reason: 'Resumed',
    when: 'somebody unset `spec.suspend`',
    happen: async (stage, name) => {
      await stage.make(name)
      await change(stage, name, { suspend: true })
      await until('it is suspended', async () => {
        const { metadata, status } = (await stage.get('sinks', name)) ?? {}
        return status?.observedGeneration === metadata?.generation
      })
      await change(stage, name, { suspend: false })
      await ready(stage, name)
    },
  },
  {
    reason: 'TestEventSent',
    when: 'the operator sent the test event that an annotation requested',
    happen: async (stage, name) => {
      await stage.make(name)
      await annotate(stage, name, 'test-requested-at=1')
    },
  },
  {
    reason: 'ValidateAnswered',
    when: 'the operator validated the test id of an annotation',
    happen: async (stage, name) => {
      await stage.make(name)
      await annotate(stage, name, 'validate=some-test-id')
    },
  },
  {
    reason: 'ExternallyDeleted',
    when: 'somebody deleted the sink at Twilio, and the operator created it again',
    happen: async (stage, name) => {
      await stage.simulator.admin.deleteSink((await stage.make(name)).status.sid ?? '')
    },
  },
  {
    reason: 'WriteRefused',
    when: 'the API server refuses what the operator has to write into the object (an admission policy, a webhook, a missing right); the note quotes the API server',
    happen: async (stage, name) => {
      const probe = `${name}-probe`
      await stage.apply(sink(probe, { suspend: true }))
      await refuseWrites(stage, name, probe)
      // A name that is also a part of the destination would be redacted as that.
      await stage.apply(sink(name, { webhook: { destination: 'https://hooks.example.com/events' } }))
    },
  },
  {
    reason: 'WriteContested',
    when: 'something else keeps changing what the operator writes into the object, such as its status: a second installation, or a tool. The operator answers ever more slowly; the note names the field manager of the other',
    happen: async (stage, name) => {
      const { status } = await stage.make(name)
      const theirs = JSON.stringify({ status: { url: 'https://events.twilio.com/v1/Sinks/another' } })
      const urlNow = () => stage.kubectl(['get', 'sink', name, '-o', 'jsonpath={.status.url}'])
      for (let times = 0; times < 4; times += 1) {
        await stage.kubectl(['patch', 'sink', name, '--subresource=status', '--type=merge', '-p', theirs])
        await until('the operator puts its own back', async () => (await urlNow()) === status.url)
        // Then whose change it was is known.
        await sleep(1_000)
      }
    },
  },
]

/** Needs its moment: the object goes, by force, while the create is being answered. */
export const DUPLICATE_DELETED: EventRow = {
  reason: 'DuplicateDeleted',
  when: 'the operator created a sink, but the object was gone or had another sink by then, so the operator deleted the new sink',
  happen: async (stage, name) => {
    const made = async () =>
      (await stage.simulator.admin.sinks()).filter(({ description }) =>
        description.startsWith(`Events for ${name}`),
      ).length
    const match = { operation: 'CreateSink', description: `Events for ${name}` }
    await stage.simulator.admin.addFault({ kind: 'latency', phase: 'after', ms: 5_000, match })
    await stage.apply(sink(name))
    await until('it is made', async () => (await made()) === 1)
    await stage.startDeleting(name)
    await stage.kubectl(['patch', 'sink', name, '--type=merge', '-p', '{"metadata":{"finalizers":null}}'])
    await until('it is deleted again', async () => (await made()) === 0)
  },
}
