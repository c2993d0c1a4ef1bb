import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { startControlPlane, type ControlPlane } from '../../rigs/control-plane/control-plane.ts'
import { freePort } from '../../rigs/control-plane/free-port.ts'
import { startOperator, type OperatorProcess } from '../operator/operator-process.ts'
import { ready, setStage, sink, type Stage } from '../operator/stage.ts'
import { install } from './crds.ts'

/** C27: the CRDs in the cluster are those of another version. A cluster of its own, since they are changed. */
describe('CRDs of another version', () => {
  let cluster: ControlPlane
  let stage: Stage
  const started: OperatorProcess[] = []

  beforeAll(async () => {
    cluster = await startControlPlane()
  })
  afterEach(async () => {
    for (const operator of started.splice(0)) await operator.stop()
    await stage.end()
  })
  afterAll(() => cluster?.stop())

  const begin = async (name: string): Promise<void> => {
    stage = await setStage({ name, cluster })
    await install(
      cluster,
      {},
      (status, paths) =>
        'sid' in status && 'lastTest' in status && !('future' in status) && STATUS_PATH in paths,
    )
  }
  const STATUS_PATH = '/apis/events.twilio.com/v1alpha1/namespaces/{namespace}/sinks/{name}/status'
  const withoutSid = () => install(cluster, { without: ['sid'] }, (status) => !('sid' in status))
  const withAll = () => install(cluster, {}, (status) => 'sid' in status)
  const creates = async (): Promise<number> =>
    (await stage.simulator.admin.journal()).filter(({ operation }) => operation === 'CreateSink').length
  const linesOf = (operator: OperatorProcess, text: string): number => operator.log().split(text).length - 1
  const metric = async (url: string, line: string): Promise<boolean> =>
    (await (await fetch(url)).text()).includes(`${line}\n`)
  const readyzIs = (status: number) =>
    until(
      `readyz answers ${status}`,
      async () => (await fetch(`${stage.operator().healthUrl}/readyz`)).status === status,
    )
  const LACK = 'lack fields that no create is safe without'
  const GOING_ON = 'have all that is needed'

  /** Starts an operator that is not to be ready before `meanwhile` has ended. */
  const startWaiting = async (
    meanwhile: (health: string, metrics: string) => Promise<void>,
    flags: Readonly<Record<string, string>> = {},
  ) => {
    const [health, metrics] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
    const starting = startOperator(
      {
        kubeconfig: cluster.kubeconfigPath,
        'twilio-base-url': stage.simulator.url,
        'watch-namespaces': stage.namespace,
        namespace: stage.namespace,
        'health-address': health,
        'metrics-address': metrics,
        ...flags,
      },
      180_000,
    )
    const [operator] = await Promise.all([
      starting,
      meanwhile(`http://${health}/readyz`, `http://${metrics}/metrics`),
    ])
    started.push(operator)
    return operator
  }

  it.each([
    {
      what: 'status.sid',
      missing: 'sink.status.sid',
      cut: { without: ['sid'] },
      shows: (status: object) => !('sid' in status),
    },
    {
      what: 'the status subresource',
      missing: 'sink.status',
      cut: { subresource: false },
      shows: (_: object, paths: object) => !(STATUS_PATH in paths),
    },
  ])(
    'without $what let the operator wait, say so, and go on once they are mended',
    async ({ missing, cut, shows }) => {
      await begin('older')
      await stage.operator().stop()
      await install(cluster, cut, shows)
      const since = (await stage.simulator.admin.journal()).at(-1)?.sequence ?? 0
      await stage.apply(sink('waits'))
      const operator = await startWaiting(async (health, metrics) => {
        const said = await until('readyz says why', async () => {
          const answer = await fetch(health).catch(() => undefined)
          const text = (await answer?.text()) ?? ''
          return answer?.status === 503 && text.includes(missing) && text
        })
        expect(said).toContain('kubectl apply -f crds/')
        for (const line of [
          'twilio_operator_crd_missing_fields{needed="true"} 1',
          'leader_election_master_status{name="twilio-sink-operator"} 0',
        ])
          await until(`metrics say ${line}`, () => metric(metrics, line).catch(() => false))
        expect(await stage.simulator.admin.journal(since)).toEqual([])
        await withAll()
      })
      await ready(stage, 'waits')
      expect(await stage.simulator.admin.sinks()).toHaveLength(1)
      expect(linesOf(operator, LACK)).toBe(1)
      expect(linesOf(operator, GOING_ON)).toBe(1)
    },
  )

  it('that lack a field of no consequence cost a warning that names it', async () => {
    await begin('lacking')
    await stage.operator().stop()
    await install(cluster, { without: ['lastTest'] }, (status) => !('lastTest' in status))
    await stage.restart()
    await stage.apply(sink('works'))
    await ready(stage, 'works')
    expect(linesOf(stage.operator(), 'sink.status.lastTest')).toBe(1)
    expect(linesOf(stage.operator(), LACK)).toBe(0)
  })

  it('that are newer, with live objects that use what they have, are no hindrance, and the spec stays', async () => {
    await begin('newer')
    await install(cluster, { more: ['future'] }, (status) => 'future' in status)
    await stage.apply(sink('newer', { future: 'kept' }))
    const made = await ready(stage, 'newer')
    await stage.kubectl([
      ...['patch', 'sink', 'newer', '--subresource=status', '--type=merge'],
      ...['-p', '{"status":{"future":"of the newer operator"}}'],
    ])
    await stage.operator().stop()
    await stage.restart()
    await stage.kubectl(['patch', 'sink', 'newer', '--type=merge', '-p', '{"spec":{"description":"other"}}'])
    const after = await ready(stage, 'newer')
    expect(after.spec).toMatchObject({ future: 'kept', description: 'other' })
    expect(after.status.sid).toBe(made.status.sid)
    // The status has one writer, which writes it as a whole: the newer operator writes it anew.
    expect(after.status['future']).toBeUndefined()
    expect(await creates()).toBe(1)
    expect(linesOf(stage.operator(), 'CustomResourceDefinitions')).toBe(0)
  })

  it('that replace the right ones in mid-work hold back every create until they are right again', async () => {
    await begin('downgraded')
    await stage.apply(sink('before'))
    const before = await ready(stage, 'before')
    await withoutSid()
    await stage.apply(sink('during'))
    await until('the create is held back', async () => linesOf(stage.operator(), LACK) > 0)
    await readyzIs(503)
    expect(await creates()).toBe(1)
    await withAll()
    await ready(stage, 'during')
    expect((await stage.get('sinks', 'before'))?.status.sid).toBe(before.status.sid)
    expect(await creates()).toBe(2)
    expect(await stage.simulator.admin.sinks()).toHaveLength(2)
    await readyzIs(200)
  })

  it('that drop the SID of a sink just made lead to no second one, also after a crash', async () => {
    await begin('dropped')
    await stage.operator().stop()
    const blind = { kubeconfig: await kubeconfigThatSeesNoSchemas() }
    await withoutSid()
    await stage.restart(blind)
    await stage.apply(sink('dropped'))
    await until('the sink is made', async () => (await creates()) === 1)
    await until('the loss is noticed', async () => stage.operator().log().includes('dropped status.sid'))
    await stage.operator().kill()
    const since = (await stage.simulator.admin.journal()).at(-1)?.sequence ?? 0
    await startWaiting(async () => {
      await until('the next process has seen the sink, and passes have followed', async () => {
        const calls = await stage.simulator.admin.journal(since)
        return calls.filter(({ operation }) => operation === 'ListSink').length >= 4
      })
      expect((await look('dropped'))?.status.sid).toBeUndefined()
      await withAll()
    }, blind)
    const recorded = await until('the SID is recorded', async () => {
      const object = await look('dropped')
      return object?.status.sid !== undefined && object
    })
    expect((await stage.simulator.admin.sinks()).map(({ sid }) => sid)).toEqual([recorded.status.sid])
    expect(await creates()).toBe(1)
  })

  const look = (name: string) => stage.get<SinkObject>('sinks', name)

  /** With every right on objects, and without those of system:discovery. */
  async function kubeconfigThatSeesNoSchemas(): Promise<string> {
    const { namespace, kubectl } = stage
    await kubectl(['create', 'serviceaccount', 'blind'])
    await stage.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'all-objects' },
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
    })
    const user = `--serviceaccount=${namespace}:blind`
    await kubectl(['create', 'clusterrolebinding', 'blind', '--clusterrole=all-objects', user])
    await kubectl(['delete', 'clusterrolebinding', 'system:discovery'])
    return cluster.serviceAccountKubeconfig(namespace, 'blind')
  }
})
