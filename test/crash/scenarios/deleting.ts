import { conditionOf, manifest, type Goal, type Scenario, type Stage } from '../scenario.ts'
import { until } from '../until.ts'
import { makeReady } from './living.ts'

const DELETED: Goal = { object: 'gone', sinks: 0, creates: 1, deletes: 1 }

const remove = ({ lane, name }: Stage): Promise<void> => lane.namespace.deleteSink(name)

async function removeWhileUsed(stage: Stage): Promise<void> {
  const { lane, name } = stage
  await remove(stage)
  const isBlocked = async (): Promise<boolean> =>
    conditionOf(await lane.namespace.sink(name), 'DeletionBlocked') === 'True'
  await until(`${name} says that its deletion is blocked`, isBlocked)
  await lane.person.unsubscribe(stage.memory.get('subscription') ?? '')
}

export const DELETING: readonly Scenario[] = [
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
      const sid = await makeReady(stage)
      stage.memory.set('subscription', await stage.lane.person.subscribe(sid))
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
