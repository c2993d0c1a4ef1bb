import { destinationOf } from '../../../rigs/sink-object.ts'
import { secretManifest } from '../lane.ts'
import { manifest, type Goal, type CrashScenario, type CrashStage } from '../scenario.ts'

const MADE: Goal = { object: 'ready', sinks: 1, creates: 1, deletes: 0 }

const create =
  (specOf: (name: string) => Readonly<Record<string, unknown>> = () => ({})) =>
  ({ lane, name }: CrashStage): Promise<void> =>
    lane.namespace.create(manifest(name, specOf(name)))

/** The Sink is deleted and leaves its sink behind; the same Sink comes again without a status, as from a backup. */
export async function forgetStatus(stage: CrashStage): Promise<void> {
  const { lane, name } = stage
  await lane.namespace.create(manifest(name, { deletionPolicy: 'Orphan' }))
  const { status } = await stage.ready()
  stage.expectSid(status.sid ?? '')
  await lane.namespace.deleteSink(name)
  await stage.gone()
}

export const CREATING_SCENARIOS: readonly CrashScenario[] = [
  { name: 'create-webhook', says: 'a webhook Sink is created', goal: MADE, act: create() },
  {
    name: 'create-kinesis',
    says: 'a Kinesis Sink is created',
    goal: MADE,
    act: create((name) => ({
      kinesis: {
        arn: `arn:aws:kinesis:us-east-1:123456789012:stream/${name}`,
        roleArn: 'arn:aws:iam::123456789012:role/writer',
        externalId: `external-${name}`,
      },
    })),
  },
  {
    name: 'create-segment',
    says: 'a Segment Sink is created',
    goal: MADE,
    act: create((name) => ({ segment: { writeKey: `key-${name}` } })),
  },
  {
    name: 'create-with-secret',
    says: 'a Sink is created whose destination is in a Secret',
    goal: MADE,
    prepare: ({ lane, name }) =>
      lane.namespace.create(secretManifest(name, { destination: destinationOf(name) })),
    act: create((name) => ({ webhook: { destinationSecretRef: { name, key: 'destination' } } })),
  },
  {
    name: 'adopt',
    says: 'a Sink comes back without its status, as from Git or a backup',
    goal: MADE,
    prepare: forgetStatus,
    act: create(),
  },
  {
    name: 'import',
    says: 'a Sink takes over a sink that was made by hand',
    goal: { object: 'ready', sinks: 1, creates: 0, deletes: 0 },
    // A sink that a poll has shown is not fetched: it is made right after one, and the next is half a second away.
    cue: async (stage) => {
      const { lane, name } = stage
      await stage.answer('twilio:LIST:Sinks')
      stage.expectSid(await lane.person.makeSink(`Events of ${name}`, destinationOf(name)))
    },
    act: async ({ lane, name, expected }) =>
      lane.namespace.create(manifest(name, { import: { sid: expected() ?? '' }, deletionPolicy: 'Orphan' })),
  },
]
