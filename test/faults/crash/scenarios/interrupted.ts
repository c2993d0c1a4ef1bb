import { forgetStatus } from './creating.ts'
import { manifest, type Goal, type CrashScenario, type CrashStage } from '../scenario.ts'

const MADE: Goal = { object: 'ready', sinks: 1, creates: 1, deletes: 0 }

/** How long Twilio takes over the create, so that something can happen meanwhile; below the call timeout. */
const CREATE_MS = 120

async function slowCreate({ lane, name }: CrashStage): Promise<void> {
  const match = { operation: 'CreateSink', description: name }
  await lane.simulator.admin.addFault({ kind: 'latency', ms: CREATE_MS, match })
}

/** SIGTERM arrives while the create is under way; the next process starts when this one has ended. */
async function upgrade(stage: CrashStage): Promise<void> {
  const { lane, name } = stage
  const restarted = Promise.withResolvers<void>()
  const stopping = stage.arrival('twilio:CREATE:Sinks', ({ operator }) => {
    const restart = operator.stop().then(() => operator.start())
    restart.then(restarted.resolve, restarted.reject)
  })
  await lane.namespace.create(manifest(name))
  await stopping
  await restarted.promise
}

/** Finalizer and annotation are stripped while the create is under way. */
async function replaceMeanwhile(stage: CrashStage): Promise<void> {
  const { lane, name } = stage
  const replaced = Promise.withResolvers<void>()
  const creating = stage.arrival('twilio:CREATE:Sinks', () => {
    lane.namespace.replaceSink(name, manifest(name)).then(replaced.resolve, replaced.reject)
  })
  await lane.namespace.create(manifest(name))
  await creating
  await replaced.promise
}

/** The Sink is deleted while the create is under way. */
async function deleteMeanwhile(stage: CrashStage): Promise<void> {
  const { lane, name } = stage
  const deleted = Promise.withResolvers<void>()
  const creating = stage.arrival('twilio:CREATE:Sinks', () => {
    lane.namespace.deleteSink(name).then(deleted.resolve, deleted.reject)
  })
  await lane.namespace.create(manifest(name))
  await creating
  await deleted.promise
}

/** How often the record of a create is refused, as by a policy of the cluster that is corrected then. */
const REFUSALS = 3

async function createUnrecorded({ lane, name }: CrashStage): Promise<void> {
  const refusal = {
    ...{ apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', code: 403, reason: 'Forbidden' },
    message: `sinks.events.twilio.com "${name}" is forbidden: ValidatingAdmissionPolicy denied the request`,
  }
  for (const { proxy } of lane.replicas)
    proxy.onRequest({
      match: { name: 'kubernetes:PATCH:sinks.status' },
      times: REFUSALS,
      action: {
        kind: 'answer',
        status: 403,
        body: JSON.stringify(refusal),
        headers: { 'content-type': 'application/json' },
      },
    })
  await lane.namespace.create(manifest(name))
}

/**
 * The same Sink comes again without a status, and is edited while its sink is being recorded. The record waits for the
 * edit: which of the two comes first is not left to chance, so every run has the same requests.
 */
async function adoptEdited(stage: CrashStage): Promise<void> {
  const { lane, name } = stage
  const edited = Promise.withResolvers<void>()
  const match = { name: 'kubernetes:PATCH:sinks.status' }
  const held = lane.replicas.map(({ proxy }) =>
    proxy.onRequest({ match, action: { kind: 'hold', phase: 'before' } }),
  )
  const recording = stage.arrival(match.name, () => {
    const change = { spec: { description: `Edited events of ${name}` } }
    lane.namespace
      .patchSink(name, change)
      .finally(() => held.forEach((rule) => rule.release()))
      .then(edited.resolve, edited.reject)
  })
  await lane.namespace.create(manifest(name))
  await recording
  await edited.promise
}

export const INTERRUPTED: readonly CrashScenario[] = [
  {
    name: 'upgrade-restart',
    says: 'the operator is stopped by SIGTERM in the middle of a create, and a new process starts',
    goal: MADE,
    prepare: slowCreate,
    act: upgrade,
  },
  {
    name: 'replace-in-create',
    says: '`kubectl replace` takes finalizer and annotation in the middle of a create',
    goal: MADE,
    prepare: slowCreate,
    act: replaceMeanwhile,
  },
  {
    name: 'delete-in-create',
    says: 'the Sink is deleted in the middle of its create',
    goal: { object: 'gone', sinks: 0, creates: 1, deletes: 1 },
    prepare: slowCreate,
    act: deleteMeanwhile,
  },
  {
    name: 'create-unrecorded',
    says: 'a Sink is created while the API server refuses the record, three times',
    goal: MADE,
    act: createUnrecorded,
  },
  {
    name: 'adopt-edited',
    says: 'a Sink comes back without its status and is edited while its sink is being recorded',
    goal: MADE,
    prepare: forgetStatus,
    act: adoptEdited,
  },
]
