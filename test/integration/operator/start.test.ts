import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { condition, type SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { startControlPlane, type ControlPlane } from '../../rigs/control-plane/control-plane.ts'
import { DEMO_ACCOUNT } from '../../rigs/simulator/accounts.ts'
import { startSimulator, type Simulator } from '../../rigs/simulator/simulator.ts'
import { startOperator, type OperatorProcess } from './operator-process.ts'
import { sink } from './stage.ts'

/** A cluster of its own, since its API server, its CRDs and their absence are what is tried. */
describe('the start, and objects that cannot be read', () => {
  let cluster: ControlPlane
  let simulator: Simulator
  let operator: OperatorProcess
  const namespace = 'start'

  beforeAll(async () => {
    cluster = await startControlPlane()
    simulator = await startSimulator()
    await cluster.createNamespace(namespace)
  })
  afterAll(async () => {
    await operator.stop()
    await simulator.stop()
    await cluster.stop()
  })

  const kubectl = async (args: readonly string[], stdin?: string): Promise<string> => {
    const { stdout, stderr, code } = await cluster.kubectl(['-n', namespace, ...args], stdin)
    if (code !== 0) throw new Error(stderr)
    return stdout
  }
  const reason = (name: string, wanted: string) =>
    until(`${name}: ${wanted}`, async () => {
      const object = JSON.parse(await kubectl(['get', 'sink', name, '-o', 'json'])) as SinkObject
      return condition(object, 'Ready')?.reason === wanted && object
    })

  it('waits patiently for the CRDs, and makes the default account itself', async () => {
    const starting = startOperator(
      {
        kubeconfig: cluster.kubeconfigPath,
        'twilio-base-url': simulator.url,
        namespace,
        'default-account-sid': DEMO_ACCOUNT.sid,
        'default-account-secret': 'twilio',
      },
      60_000,
    )
    await kubectl([
      'create',
      'secret',
      'generic',
      'twilio',
      `--from-literal=TWILIO_AUTH_TOKEN=${DEMO_ACCOUNT.authToken ?? ''}`,
    ])
    await cluster.applyCrds('crds')
    operator = await starting
    await kubectl(['apply', '-f', '-'], JSON.stringify(sink('first')))
    await reason('first', 'Active')
  })

  it('lets one object that cannot be read say so, and looks after all others', async () => {
    const crd = JSON.parse(await kubectl(['get', 'crd', 'sinks.events.twilio.com', '-o', 'json'])) as {
      spec: {
        versions: {
          schema: {
            openAPIV3Schema: {
              properties: { spec: { properties: { webhook: { properties: { method: object } } } } }
            }
          }
        }[]
      }
    }
    const [version] = crd.spec.versions
    if (version === undefined) throw new Error('no version')
    // As an older or newer CRD might have it: a word that this version does not know.
    version.schema.openAPIV3Schema.properties.spec.properties.webhook.properties.method = {
      type: 'string',
      maxLength: 10,
    }
    await kubectl(['replace', '-f', '-'], JSON.stringify(crd))
    const odd = sink('odd', { webhook: { destination: 'https://odd.example.com', method: 'PUT' } })
    await until('the relaxed schema', async () => {
      const { code } = await cluster.kubectl(['-n', namespace, 'apply', '-f', '-'], JSON.stringify(odd))
      return code === 0
    })
    const seen = await reason('odd', 'InvalidValue')
    expect(condition(seen, 'Ready')?.message).toContain('method')
    await kubectl(['apply', '-f', '-'], JSON.stringify(sink('second')))
    await reason('second', 'Active')
    await kubectl(['patch', 'sink', 'odd', '--type=merge', '-p', '{"spec":{"webhook":{"method":"POST"}}}'])
    await reason('odd', 'Active')
  })

  it('goes on by itself after the API server was away', async () => {
    await cluster.apiServer.kill()
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    await cluster.apiServer.start()
    await kubectl(['apply', '-f', '-'], JSON.stringify(sink('third')))
    await reason('third', 'Active')
  })

  it('ends within seconds and with 0 when it is asked to', async () => {
    const began = Date.now()
    expect(await operator.stop()).toBe(0)
    // Reconciles that do not end are given up after twenty.
    expect(Date.now() - began).toBeLessThan(15_000)
  })
})
