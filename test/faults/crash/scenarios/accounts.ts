import { until } from '../../../rigs/until.ts'
import { hex, newRandomSid } from '../../../rigs/simulator/sids.ts'
import { laneAccount, secretManifest } from '../lane.ts'
import { isRecorded, manifest, type CrashScenario, type CrashStage } from '../scenario.ts'

/** Twilio refuses LISTs of the account for longer than a settle time: what the twin shows meanwhile must prove nothing. */
const REFUSED_MS = 2_200

/** A Twilio account with an API key, and the Secret with it. */
async function openAccount({ lane }: CrashStage, name: string): Promise<string> {
  const accountSid = newRandomSid('AC')
  const key = { sid: newRandomSid('SK'), secret: `secret-${hex(12)}` }
  await lane.simulator.admin.addAccount({ sid: accountSid, keys: [key] })
  const values = { TWILIO_API_KEY: key.sid, TWILIO_API_SECRET: key.secret }
  await lane.namespace.create(secretManifest(name, values))
  return accountSid
}

/** Another TwilioAccount of the lane's account SID, with a key of another account, released, and with a Ready Sink. */
async function raiseTwin(stage: CrashStage): Promise<void> {
  const { lane, name, foreign } = stage
  const { namespace } = lane
  // Nothing of it may carry the name of the object.
  const twin = `twin-${hex(4)}`
  await openAccount(stage, twin)
  await namespace.create(laneAccount(twin, lane.accountSid, twin))
  await namespace.create(manifest(twin, { accountRef: { name: twin } }))
  const released = { 'events.twilio.com/allow-mass-change': new Date().toISOString() }
  await namespace.patchAccount(twin, { metadata: { annotations: released } })
  const { status } = await until(`${twin} is Ready beside ${name}`, async () => {
    const object = await namespace.sink(twin)
    return isRecorded(object) && object
  })
  foreign.add(status.sid ?? '')
}

/** Begins right after a LIST of the account, so that no later one is overdue when Twilio is itself again. */
async function refuseLists({ lane: { accountSid, simulator } }: CrashStage): Promise<void> {
  const { admin } = simulator
  const since = (await admin.journal()).at(-1)?.sequence ?? 0
  await until('a LIST of the account', async () =>
    (await admin.journal(since)).some(
      ({ operation, credential, status }) =>
        operation === 'ListSink' && credential === accountSid && status === 200,
    ),
  )
  const match = { operation: 'ListSink', account: accountSid }
  const { id } = await admin.addFault({ kind: 'answer', status: 503, match })
  // Cleared with all others where the run has ended by then.
  setTimeout(() => void admin.removeFault(id).catch(() => undefined), REFUSED_MS)
}

/** Nothing was ever made in the account: the key that makes its first sink is all that can tell of it. */
async function firstOfAll(stage: CrashStage): Promise<void> {
  const { lane, name } = stage
  const fresh = `fresh-${name}`
  const accountSid = await openAccount(stage, fresh)
  await lane.namespace.create(laneAccount(fresh, accountSid, fresh))
  await lane.namespace.create(manifest(name, { accountRef: { name: fresh } }))
  await stage.ready()
  await lane.namespace.deleteSink(name)
}

export const ACCOUNT_SCENARIOS: readonly CrashScenario[] = [
  {
    name: 'create-beside-twin',
    says: 'a Sink is created beside another TwilioAccount of the same account SID, with a foreign key, while Twilio refuses LISTs',
    // The Sink of the twin has one.
    goal: { object: 'ready', sinks: 1, creates: 2, deletes: 0 },
    prepare: raiseTwin,
    cue: refuseLists,
    act: ({ lane, name }) => lane.namespace.create(manifest(name)),
  },
  {
    name: 'first-with-key',
    says: 'the first Sink of a new account is created and deleted, with an API key',
    goal: { object: 'gone', sinks: 0, creates: 1, deletes: 1 },
    act: firstOfAll,
  },
]
