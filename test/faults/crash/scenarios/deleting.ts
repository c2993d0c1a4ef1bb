import { until } from '../../../rigs/until.ts'
import { condition } from '../../../rigs/sink-object.ts'
import { manifest, type Goal, type CrashScenario, type CrashStage } from '../scenario.ts'
import { makeReady } from './living.ts'

const SUBSCRIPTIONS = 'twilio:LIST:Subscriptions'
/** The refusal of a DELETE counts for one of them. */
const POLLS = 2

const DELETED: Goal = { object: 'gone', sinks: 0, creates: 1, deletes: 1 }

const remove = ({ lane, name }: CrashStage): Promise<void> => lane.namespace.deleteSink(name)

async function removeWhileUsed(stage: CrashStage): Promise<void> {
  const { lane, name } = stage
  await remove(stage)
  const isBlocked = async (): Promise<boolean> => {
    const object = await lane.namespace.sink(name)
    const isNamed = object?.status.subscriptions?.length === 1
    return isNamed && condition(object, 'DeletionBlocked')?.status === 'True'
  }
  await until(`${name} says that its deletion is blocked, and by what`, isBlocked)
  // What a refused DELETE has said is over by then: the next poll alone decides.
  for (let poll = 0; poll < POLLS; poll += 1) await stage.answer(SUBSCRIPTIONS)
  await lane.person.unsubscribe(stage.memory.get('subscription') ?? '')
}

export const DELETING_SCENARIOS: readonly CrashScenario[] = [
  {
    name: 'delete',
    says: 'the Sink is deleted',
    goal: DELETED,
    prepare: async (stage) => {
      await makeReady(stage)
    },
    act: remove,
  },
  {
    name: 'blocked-delete',
    says: 'the Sink is deleted while a subscription uses it, which then goes',
    goal: DELETED,
    prepare: async (stage) => {
      await makeReady(stage)
    },
    // A subscription that a poll has shown is not run into: it is made right after one, and the next is half a second away.
    cue: async (stage) => {
      await stage.answer(SUBSCRIPTIONS)
      stage.memory.set('subscription', await stage.lane.person.subscribe(stage.expected() ?? ''))
    },
    act: removeWhileUsed,
  },
  {
    name: 'orphan',
    says: 'the Sink is deleted and its sink stays',
    goal: { object: 'gone', sinks: 1, creates: 1, deletes: 0 },
    prepare: async (stage) => {
      await stage.lane.namespace.create(manifest(stage.name, { deletionPolicy: 'Orphan' }))
      await stage.ready()
    },
    act: remove,
  },
]
