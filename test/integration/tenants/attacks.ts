import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { until } from '../../rigs/until.ts'
import { hex, newRandomSid } from '../../rigs/simulator/sids.ts'
import { CREATE_ATTEMPT_ANNOTATION } from '../../../src/api/group.ts'
import { markedDescription, ownerOf } from '../../../src/external/ownership-mark.ts'
import type { FaultInput } from '../../rigs/simulator/faults.ts'
import { isOf, type Ending, type DuelScene } from './duel.ts'
import { TENANCY_POLL, type Tenancy } from './tenancy.ts'
import { pathOf, type Tenant } from './tenant.ts'

/** What an attacker does with the rights of a role, a Twilio account of their own, and what anybody can know. */

export const TWIN = 'twin'
const OBSERVED_WITHIN_MS = 8_000
const PAUSE_MS = 200
/** Fewer than what is a mass disappearance; each may have a call at Twilio. */
const FEW = 4
const MANY = 24

/** Does it again and again until it is ended, which tells what went wrong. */
export function again(work: () => Promise<void>): Ending {
  let over = false
  const run = async (): Promise<void> => {
    while (!over) {
      await work()
      // A storm, and not all that the machine can do: others are tested beside it.
      await sleep(PAUSE_MS)
    }
  }
  const running = run()
  // It is told at the end.
  running.catch(() => undefined)
  return async () => {
    over = true
    await running
  }
}

/** Resolves when the operator has looked at the Sink as it is, whatever it says; or some time later. */
export async function observed({ history }: Tenancy, { namespace }: Tenant, name: string): Promise<void> {
  const isIt = isOf('Sink', { namespace }, name)
  await history.first(
    (change) => isIt(change) && change.object.status.observedGeneration === change.object.metadata.generation,
    OBSERVED_WITHIN_MS,
  )
}

/** A TwilioAccount of the victim's account SID, with a key of the attacker's own account. */
export async function twin({ attacker, victim, own, world }: DuelScene, name = TWIN): Promise<void> {
  await attacker.account(name, victim.twilio.accountSid, own.keys)
  await world.polled(own.user)
}

export async function releaseTwin(attacker: Tenant, name = TWIN): Promise<void> {
  const annotations = { 'events.twilio.com/allow-mass-change': new Date().toISOString() }
  await attacker.patch('TwilioAccount', name, { metadata: { annotations } })
}

/** The same, whatever it holds released, and with Sinks of its own; resolves with their names. */
export async function releasedTwin(scene: DuelScene, sinks = 1): Promise<string[]> {
  const { attacker, own, world } = scene
  await twin(scene)
  await releaseTwin(attacker)
  const names = Array.from({ length: sinks }, () => `mine-${hex(3)}`)
  for (const name of names) await attacker.sink(name, { accountRef: { name: TWIN } })
  for (const name of names) await observed(world, attacker, name)
  await world.polled(own.user)
  return names
}

/** The account with the guessed secret is there, and goes and comes back every few seconds. */
export async function guessedSecret(scene: DuelScene, accountSid: string): Promise<Ending> {
  const { attacker, world } = scene
  const keys = { TWILIO_API_KEY: scene.victim.twilio.user, TWILIO_API_SECRET: `guess-${hex(8)}` }
  const come = async (): Promise<void> => {
    await attacker.account(TWIN, accountSid, keys)
    await judged(world, attacker, TWIN)
  }
  await come()
  return again(async () => {
    await sleep(TENANCY_POLL)
    await attacker.remove('TwilioAccount', TWIN)
    await come()
  })
}

/** Resolves when the operator says something of the account; or some time later. */
async function judged({ history }: Tenancy, tenant: Tenant, name: string): Promise<void> {
  const { uid } = (await tenant.look('TwilioAccount', name))?.metadata ?? {}
  await history.first(
    ({ object }) => object.metadata.uid === uid && (object.status.conditions ?? []).length > 0,
    OBSERVED_WITHIN_MS,
  )
}

/** The attacker's own sinks go, at Twilio. */
export async function vanish({ world, own }: DuelScene): Promise<void> {
  const mine = (await world.admin.sinks()).filter(({ account }) => account === own.accountSid)
  for (const { sid } of mine) await world.admin.deleteSink(sid)
}

/** Twilio answers the attacker's key so, while many Sinks of the attacker's want to be looked at. */
export async function troubledTwin(scene: DuelScene, fault: FaultInput): Promise<Ending> {
  const { world, attacker, own } = scene
  const names = await releasedTwin(scene, FEW)
  const { id } = await world.admin.addFault({ ...fault, match: { credential: own.user } })
  const end = again(() => requestAll(attacker, names))
  await world.called(own.user)
  return async () => {
    await end()
    await world.admin.removeFault(id)
  }
}

/** More creates of the attacker's at a time than an account may have calls, and Twilio answers none of them. */
export async function hangingTwin(scene: DuelScene): Promise<Ending> {
  const { world, attacker, own } = scene
  await releasedTwin(scene)
  const { id } = await world.admin.addFault({ kind: 'hang', match: { credential: own.user } })
  const names = Array.from({ length: MANY }, () => `hangs-${hex(3)}`)
  for (const name of names) await attacker.sink(name, { accountRef: { name: TWIN } })
  const end = again(() => requestAll(attacker, names))
  await world.called(own.user)
  return async () => {
    await end()
    await world.admin.removeFault(id)
  }
}

export async function requestAll(tenant: Tenant, names: readonly string[]): Promise<void> {
  const annotations = { 'events.twilio.com/reconcile-requested-at': new Date().toISOString() }
  for (const name of names) await tenant.patch('Sink', name, { metadata: { annotations } })
}

/** A suspended Sink that says of itself, in the operator's own words, that it was being made in the victim's account. */
export async function forgeJournalOf(scene: DuelScene, spec: object): Promise<void> {
  const { world, attacker, victim } = scene
  const name = `forged-${hex(3)}`
  await attacker.sink(name, { suspend: true, ...spec })
  const { metadata } = (await attacker.look('Sink', name)) ?? {}
  const genuine = world.history.changes
    .map(({ object }) => object.metadata.annotations?.[CREATE_ATTEMPT_ANNOTATION])
    .find((annotation) => annotation !== undefined)
  if (genuine === undefined || metadata === undefined) throw new Error('There is no journal to copy')
  const forged = {
    ...(JSON.parse(genuine) as Readonly<Record<string, unknown>>),
    uid: metadata.uid,
    attempt: 1,
    accountSid: victim.twilio.accountSid,
    key: newRandomSid('SK'),
    times: [new Date().toISOString()],
    generation: metadata.generation,
  }
  const annotations = { [CREATE_ATTEMPT_ANNOTATION]: JSON.stringify(forged) }
  await attacker.patch('Sink', name, { metadata: { annotations } })
  await observed(world, attacker, name)
}

/** Somebody else's import of the sink that is there before theirs; older by a second at least. */
export async function olderWish(scene: DuelScene, sid: string, spec: object): Promise<void> {
  const { world, attacker } = scene
  const name = `wish-${hex(3)}`
  await attacker.sink(name, { import: { sid }, deletionPolicy: 'Delete', ...spec })
  await observed(world, attacker, name)
  await until('it is older by a second', async () => {
    const wish = await attacker.look('Sink', name)
    return Date.now() - Date.parse(wish?.metadata.creationTimestamp ?? '') > 1_100
  })
}

/** A sink in the attacker's account that carries the mark of a Sink of the victim, which anybody can compute. */
export async function foreignMark({ world, victim, own }: DuelScene): Promise<string> {
  const installation = await installationOf(world)
  const owner = ownerOf(installation, `${victim.tenant.namespace}/${victim.sink}`)
  const destination = `https://${victim.sink}.example.com/events`
  return world.makeSink(own, markedDescription('By hand', { ...owner, number: 1 }), destination)
}

async function installationOf({ api }: Tenancy): Promise<string> {
  const { body } = await api('GET', '/api/v1/namespaces/kube-system')
  return (body as { readonly metadata: { readonly uid: string } }).metadata.uid
}

/** A TwilioAccount that its Sink needs from the first look on, and that a policy keeps from being changed. */
export async function refusedFinalizer({ world, attacker, own }: DuelScene): Promise<void> {
  await refuseChanges(world, attacker)
  const name = `mine-${hex(3)}`
  await attacker.sink(name, { accountRef: { name: TWIN } })
  await attacker.account(TWIN, own.accountSid, own.keys)
  await observed(world, attacker, name)
}

/** Of any TwilioAccount in the namespace; in force when it resolves. */
async function refuseChanges({ api }: Tenancy, tenant: Tenant): Promise<void> {
  const { namespace } = tenant
  const group = 'admissionregistration.k8s.io'
  const create = async (kind: string, plural: string, spec: object): Promise<void> => {
    const body = { apiVersion: `${group}/v1`, kind, metadata: { name: `refuse-${namespace}` }, spec }
    const { status } = await api('POST', `/apis/${group}/v1/${plural}`, { type: 'json', body })
    if (status !== 201) throw new Error(`${kind}: ${status}`)
  }
  const rule = { apiGroups: ['events.twilio.com'], apiVersions: ['*'], operations: ['UPDATE'] }
  await create('ValidatingAdmissionPolicy', 'validatingadmissionpolicies', {
    failurePolicy: 'Fail',
    matchConstraints: { resourceRules: [{ ...rule, resources: ['twilioaccounts'] }] },
    validations: [{ expression: 'false', message: 'nobody changes an account here' }],
  })
  await create('ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', {
    policyName: `refuse-${namespace}`,
    validationActions: ['Deny'],
    matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
  })
  const spec = { accountSid: newRandomSid('AC'), credentialsSecretRef: { name: 'nothere' } }
  await tenant.apply('TwilioAccount', 'probe', { spec })
  const label = { type: 'merge-patch+json', body: { metadata: { labels: { is: 'refused' } } } } as const
  await until('the policy is in force', async () => {
    const { status } = await api('PATCH', `${pathOf('TwilioAccount', namespace, 'probe')}?dryRun=All`, label)
    return status >= 400
  })
}

/**
 * A tenant who may write everything in one namespace writes the SID of a sink that nobody looks after into the status of
 * a Sink of their own. Resolves when that Sink was looked at, deleted, and given the time to do harm.
 */
export async function keepsHandMadeSink(world: Tenancy): Promise<void> {
  const attacker = await world.tenant('attacker', '*')
  const [lender] = world.twilios.filter(({ accountSid }) => accountSid === world.shared.accountSid)
  if (lender === undefined) throw new Error('There is no shared account')
  const name = `mine-${hex(3)}`
  const sid = await world.makeSink(lender, `Events for ${name}`, `https://${name}.example.com/events`)
  await world.polled(lender.user)
  const before = await world.admin.sink(sid)
  await attacker.sink(name, { suspend: true })
  await observed(world, attacker, name)
  await attacker.patchStatus('Sink', name, { sid, accountSid: lender.accountSid, sinkType: 'webhook' })
  await attacker.patch('Sink', name, { spec: { suspend: false } })
  await observed(world, attacker, name)
  await world.polled(lender.user)
  await attacker.remove('Sink', name)
  await world.polled(lender.user, 2)
  expect(await world.admin.sink(sid)).toEqual(before)
  await world.clear([attacker])
}
