import { manifest, type Goal, type CrashScenario, type CrashStage } from '../scenario.ts'

const SAME: Goal = { object: 'ready', sinks: 1, creates: 1, deletes: 0 }

/** A Sink that is Ready and keeps its SID whatever comes. */
export async function makeReady(stage: CrashStage): Promise<string> {
  await stage.lane.namespace.create(manifest(stage.name))
  const { status } = await stage.ready()
  const sid = status.sid ?? ''
  stage.expectSid(sid)
  return sid
}

const prepare = async (stage: CrashStage): Promise<void> => {
  await makeReady(stage)
}

const edit = ({ lane, name }: CrashStage): Promise<void> =>
  lane.namespace.patchSink(name, { spec: { description: `Edited events of ${name}` } })

/** The old token stops working a moment before the Secret has the new one, and the next edit needs it. */
async function rotate(stage: CrashStage): Promise<void> {
  const { lane } = stage
  lane.token = `${lane.token.split('.')[0] ?? ''}.${stage.name}`
  await lane.simulator.admin.changeCredential(lane.accountSid, { password: lane.token })
  await edit(stage)
  await lane.namespace.patchSecret('twilio', { TWILIO_AUTH_TOKEN: lane.token })
}

export const LIVING_SCENARIOS: readonly CrashScenario[] = [
  {
    name: 'update-description',
    says: 'the description is edited',
    goal: SAME,
    prepare,
    act: edit,
  },
  {
    name: 'drift',
    says: 'somebody changes the description at Twilio, mark and all',
    goal: SAME,
    prepare,
    act: async ({ lane, name, expected }) => {
      await lane.simulator.admin.changeSink(expected() ?? '', { description: `By hand ${name}` })
    },
  },
  {
    name: 're-creation',
    says: 'somebody deletes the sink at Twilio',
    goal: { object: 'ready', sinks: 1, creates: 2, deletes: 0 },
    prepare,
    act: async (stage) => {
      const old = stage.expected() ?? ''
      stage.expectSid(undefined)
      await stage.lane.simulator.admin.deleteSink(old)
    },
  },
  {
    name: 'credential-rotation',
    says: 'the auth token is replaced, and the description edited meanwhile',
    goal: SAME,
    prepare,
    act: rotate,
  },
  {
    name: 'replace',
    says: '`kubectl replace` takes finalizer and annotation from a Ready Sink',
    goal: SAME,
    prepare,
    act: ({ lane, name }) => lane.namespace.replaceSink(name, manifest(name)),
  },
]
