import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../rigs/until.ts'
import { startControlPlane, type ControlPlane } from '../../rigs/control-plane/control-plane.ts'
import { lendToAll, ready, setStage, sink, type Stage } from '../operator/stage.ts'
import { startCommand, type CommandEnd } from './command.ts'
import { sinksAtTwilio, countWrites, type Counter } from './counts.ts'

/** Who may see one namespace only, and who may see all: a cluster of its own, since all is released in the end. */

const PAGE = 'docs/moving-in-and-out.md'
let controlPlane: ControlPlane
let stage: Stage
let writes: Counter
const OTHER = 'other'

beforeAll(async () => {
  controlPlane = await startControlPlane()
  stage = await setStage({ name: 'rights', cluster: controlPlane, watchAll: true })
  await controlPlane.createNamespace(OTHER)
  await lendToAll(stage)
  writes = await countWrites(stage)
})
afterAll(async () => {
  await stage?.end()
  await controlPlane?.stop()
})

const releaseAs = (kubeconfig: string, scope: readonly string[]): Promise<CommandEnd> =>
  startCommand([
    'release',
    ...scope,
    ...['--yes', '--kubeconfig', kubeconfig, '--twilio-base-url', stage.simulator.url],
  ]).ended
const names = (kind: string) => stage.kubectl(['get', kind, '--all-namespaces', '-o', 'name'])
const descriptions = async () => (await sinksAtTwilio(stage)).map(({ description }) => description).sort()

/** The Role of the page, bound to a service account. */
async function userOfOneNamespace(): Promise<string> {
  const page = await readFile(PAGE, 'utf8')
  const [, role = ''] = /^```yaml\n(apiVersion: rbac.*?)^```$/msu.exec(page) ?? []
  await stage.kubectl(['apply', '-f', '-'], role.replace('namespace: shop', `namespace: ${stage.namespace}`))
  await stage.kubectl(['create', 'serviceaccount', 'person'])
  await stage.kubectl([
    ...['create', 'rolebinding', 'person', '--role=twilio-release'],
    `--serviceaccount=${stage.namespace}:person`,
  ])
  return controlPlane.serviceAccountKubeconfig(stage.namespace, 'person')
}

describe('a release', () => {
  it('of one namespace needs the rights of the page and no others, and leaves other namespaces alone', async () => {
    const elsewhere = sink('elsewhere', {
      accountRef: { name: 'default', namespace: stage.namespace },
    }) as object
    await stage.kubectl(['-n', OTHER, 'apply', '-f', '-'], JSON.stringify(elsewhere))
    await stage.apply(sink('here'))
    await ready(stage, 'here')
    await until('the other one is Ready, too', async () => {
      const path = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'
      return (await stage.kubectl(['-n', OTHER, 'get', 'sink', 'elsewhere', '-o', path])) === 'True'
    })
    expect(await sinksAtTwilio(stage)).toHaveLength(2)
    await writes.next()
    const { code, stdout, stderr } = await releaseAs(await userOfOneNamespace(), [
      '--namespace',
      stage.namespace,
    ])
    expect(code, stdout + stderr).toBe(0)
    expect(await names('sinks')).toBe('sink.events.twilio.com/elsewhere\n')
    expect(await names('twilioaccounts')).toBe('twilioaccount.events.twilio.com/default\n')
    expect(await writes.next()).toEqual({ creates: 0, updates: 1, deletes: 0 })
    expect(await descriptions()).toContain('Events for here')
  })

  it('of all namespaces takes all that is left', async () => {
    const { code, stdout, stderr } = await releaseAs(controlPlane.kubeconfigPath, ['--all-namespaces'])
    expect(code, stdout + stderr).toBe(0)
    expect(await names('sinks,twilioaccounts')).toBe('')
    expect(await writes.next()).toEqual({ creates: 0, updates: 1, deletes: 0 })
    expect(await descriptions()).toEqual(['Events for elsewhere', 'Events for here'])
  })
})
