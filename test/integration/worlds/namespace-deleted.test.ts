import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { condition } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { startControlPlane, type ControlPlane } from '../../rigs/control-plane/control-plane.ts'
import { whyMissing } from '../../rigs/control-plane/optional-program.ts'
import { subscriptionForm } from '../../rigs/simulator/api-caller.ts'
import { lendToAll, giveAccount } from '../operator/stage.ts'
import { setWorld, spec, tellingOf, worldOn, type LiveWorld } from './world.ts'

const missing = await whyMissing('kube-controller-manager')
if (missing !== undefined) console.warn(`No namespace is deleted in these tests. ${missing}`)

// Only where it can neither be found nor built; the line above says why.
describe.skipIf(missing !== undefined)(
  'a namespace that is deleted by a real kube-controller-manager',
  () => {
    let controlPlane: ControlPlane
    let first: LiveWorld

    beforeAll(async () => {
      controlPlane = await startControlPlane()
      await controlPlane.startControllerManager()
      first = await setWorld({ name: 'first', cluster: controlPlane, watchAll: true })
    })
    afterAll(async () => {
      await first?.end()
      await controlPlane?.stop()
    })

    /** The same operator and Twilio, another namespace with an account of its own. */
    async function anotherNamespace(name: string): Promise<LiveWorld> {
      await controlPlane.createNamespace(name)
      const { stage } = first
      const kubectl = async (args: readonly string[], stdin?: string): Promise<string> => {
        const { stdout, stderr, code } = await controlPlane.kubectl(['-n', name, ...args], stdin)
        if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`)
        return stdout
      }
      const apply = (object: unknown) => kubectl(['apply', '-f', '-'], JSON.stringify(object))
      const there = { ...stage, namespace: name, kubectl, apply }
      await giveAccount(there)
      return worldOn(there)
    }

    const isGone = async (namespace: string) =>
      (await controlPlane.kubectl(['get', 'namespace', namespace])).code !== 0

    const deleteNamespace = async ({ stage }: LiveWorld): Promise<void> => {
      await stage.kubectl(['delete', 'secret', 'twilio'])
      await stage.kubectl(['delete', 'namespace', stage.namespace, '--wait=false'])
    }

    /** A sink that cannot be deleted yet, so that its namespace stays. */
    async function inUse(world: LiveWorld, name: string) {
      await world.apply(name, spec(name))
      const [sid = ''] = await world.oneEach([name])
      const subscription = (await world.other('POST', '/v1/Subscriptions', { form: subscriptionForm(sid) }))
        .body.sid
      return { sid, end: () => world.other('DELETE', `/v1/Subscriptions/${subscription}`) }
    }

    const blocked = (world: LiveWorld, name: string, reason: string) =>
      world.see(
        `is blocked by ${reason}`,
        name,
        (object) => condition(object, 'DeletionBlocked')?.reason === reason,
      )

    test('comes with the garbage collector that Argo CD relies on: a Sink pruned in the foreground goes', async () => {
      await first.apply('pruned', spec('pruned'))
      const [sid] = await first.oneEach(['pruned'])
      await first.stage.kubectl(['delete', 'sink', 'pruned', '--cascade=foreground', '--wait=false'])
      await first.gone('pruned')
      expect(await first.atTwilio(sid), 'a leak').toBeUndefined()
    })

    test('goes, with its sinks, although the Secret goes first: the credential is remembered', async () => {
      const world = await anotherNamespace('secret-first')
      const { end, sid } = await inUse(world, 'used')
      await world.apply('plain', spec('plain'))
      await world.oneEach(['plain'])
      await deleteNamespace(world)
      await blocked(world, 'used', 'SinkInUse')
      await until('the other sink is deleted', async () => (await tellingOf(world, 'plain')).length === 0)
      await end()
      await until('the namespace is gone', () => isGone('secret-first'), 120_000)
      expect(await world.atTwilio(sid), 'a leak').toBeUndefined()
    })

    test('says after a restart which Secret is missing, and goes without the sink when a person lets it go', async () => {
      const world = await anotherNamespace('restarted')
      const { end, sid } = await inUse(world, 'used-too')
      await deleteNamespace(world)
      await blocked(world, 'used-too', 'SinkInUse')
      await first.stage.operator().kill()
      await first.stage.restart()
      await end()
      const seen = await blocked(world, 'used-too', 'CredentialsRefused')
      const { message } = condition(seen, 'DeletionBlocked') ?? {}
      expect(message).toContain('twilio')
      expect(message).toContain('Secret')
      expect(message).toContain('Orphan')
      await sleep(2_000)
      expect(await world.atTwilio(sid), 'nothing is deleted without a credential').toBeDefined()
      expect(await isGone('restarted'), 'nothing is let go by itself').toBe(false)
      await world.patch('used-too', { spec: { deletionPolicy: 'Orphan' } })
      await until('the namespace is gone', () => isGone('restarted'), 120_000)
      expect(await world.atTwilio(sid), 'it was to stay').toBeDefined()
      await first.stage.simulator.admin.deleteSink(sid)
    })

    test('goes, with its sinks, when the Secret of an account elsewhere comes back after a restart', async () => {
      const home = await anotherNamespace('accounts')
      await lendToAll(home.stage)
      await controlPlane.createNamespace('tenant')
      const tenant = await worldOn({ ...home.stage, namespace: 'tenant' })
      const accountRef = { name: 'default', namespace: 'accounts' }
      await tenant.apply('rented', spec('rented', { accountRef }))
      const [sid] = await tenant.oneEach(['rented'])
      await first.stage.operator().kill()
      await home.stage.kubectl(['delete', 'secret', 'twilio'])
      await controlPlane.kubectl(['delete', 'namespace', 'tenant', '--wait=false'])
      await first.stage.restart()
      await blocked(tenant, 'rented', 'CredentialsRefused')
      expect(await tenant.atTwilio(sid)).toBeDefined()
      const secret = [
        'create',
        'secret',
        'generic',
        'twilio',
        `--from-literal=TWILIO_AUTH_TOKEN=${home.stage.token}`,
      ]
      await home.stage.kubectl(secret)
      await until('the namespace is gone', () => isGone('tenant'), 120_000)
      expect(await tenant.atTwilio(sid), 'a leak').toBeUndefined()
    })
  },
)
