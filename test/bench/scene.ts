import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startSimulatorProgram } from '../demo/simulator.ts'
import { startProgram, type RunningProgram } from '../demo/program.ts'
import { untilOrAborted, type Until } from '../demo/waiting.ts'
import { nodeFlags } from '../faults/soak/node-flags.ts'
import { apiCalls, type CallApi } from '../rigs/control-plane/api-access.ts'
import { BUNDLE } from '../rigs/control-plane/bundle.ts'
import { startControlPlane, type ControlPlane } from '../rigs/control-plane/control-plane.ts'
import { freePort } from '../rigs/control-plane/free-port.ts'
import { readyCondition, type SinkObject } from '../rigs/sink-object.ts'
import { simulatorAdmin, type SimulatorAdmin } from '../rigs/simulator/admin.ts'
import { hex, newRandomSid } from '../rigs/simulator/sids.ts'
import { OPERATOR_OPTIONS } from '../../src/options/options.ts'
import { SINKS, sinksOf } from './api.ts'
import type { FloorAccount, FloorResult, FloorTask } from './floor.ts'
import type { Form } from './form.ts'
import { RequestLog } from './request-log.ts'

/** How long Twilio takes to answer; an account may have more sinks than it has at Twilio, so that a full one can still change. */
const TWILIO = { latencyMs: 100, sinkLimit: 1_000 }

/** A control plane, a Twilio and accounts, each program a process of its own; the operator comes and goes. */
export interface BenchScene {
  readonly cluster: ControlPlane
  readonly twilio: SimulatorAdmin
  readonly namespaces: readonly string[]
  /** What the operator asks the API server. */
  readonly requests: RequestLog
  /** 0 while it does not run. */
  operatorPid(): number
  apiServerPid(): number
  /** Of every process that is part of the run. */
  pids(): readonly number[]
  /** Resolves when it is ready. */
  startOperator(): Promise<void>
  stopOperator(): Promise<void>
  /** Resolves when each account has been found in order. */
  accountsReady(): Promise<unknown>
  /** Has the floor program do its work for all Sinks that exist. */
  runFloor(inFlight?: number): Promise<FloorResult>
  /** Takes all Sinks away, at both sides, that nobody protects. */
  clear(): Promise<void>
  end(): Promise<void>
}

/** The same limits as the operator has when nobody sets others. */
const { maxConcurrentReconciles, maxCallsPerAccount } = OPERATOR_OPTIONS.schema.parse({})

/** @param broken aborted when a program ends by itself */
export async function setBenchScene(form: Form, broken: AbortController): Promise<BenchScene> {
  const auditPolicy = fileURLToPath(new URL('audit-policy.yaml', import.meta.url))
  const cluster = await startControlPlane({ auditPolicy })
  const watched = {
    until: untilOrAborted(broken.signal),
    onLoss: (message: string): void => broken.abort(new Error(message)),
  }
  try {
    await cluster.applyCrds('crds')
    const simulator = await startSimulatorProgram({ folder: cluster.folder, ...watched })
    await simulatorAdmin(simulator.url).change(TWILIO)
    return await sceneOf(cluster, simulator, { ...watched, count: form.accounts })
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

async function sceneOf(
  cluster: ControlPlane,
  simulator: Awaited<ReturnType<typeof startSimulatorProgram>>,
  { count, ...watched }: Watched & { readonly count: number },
): Promise<BenchScene> {
  const { until } = watched
  const api = apiCalls(cluster)
  const twilio = simulatorAdmin(simulator.url)
  const accounts = Array.from({ length: count }, (_, index): FloorAccount => {
    return { namespace: `bench-${index}`, sid: newRandomSid('AC'), token: `token-${hex(12)}` }
  })
  for (const account of accounts) await makeAccount(api, twilio, account)
  const operator = operatorOf(cluster, simulator.url, watched)
  const apiServerPid = (): number => cluster.apiServer.pid() ?? 0
  const limits = { inFlight: maxConcurrentReconciles, perAccount: maxCallsPerAccount }
  const task = { cluster: cluster.address, twilioUrl: simulator.url, accounts, ...limits }
  return {
    cluster,
    twilio,
    namespaces: accounts.map(({ namespace }) => namespace),
    requests: new RequestLog(cluster.auditLogPath, 'twilio-sink-operator'),
    operatorPid: operator.pid,
    apiServerPid,
    pids: () => [process.pid, operator.pid(), simulator.pid, apiServerPid(), cluster.etcd.pid() ?? 0],
    startOperator: operator.start,
    stopOperator: operator.stop,
    accountsReady: () => until(accountsReady(api, count)),
    runFloor: (inFlight = task.inFlight) => runFloor({ ...task, inFlight }),
    clear: async () => {
      for (const { namespace } of accounts) await api('DELETE', sinksOf(namespace))
      await twilio.reset(['sinks'])
      await until(noSinks(api))
    },
    end: async () => {
      await operator.stop()
      await simulator.stop()
      await cluster.stop()
    },
  }
}

/** At Twilio, and as a TwilioAccount with its Secret in a namespace of its own. */
async function makeAccount(
  api: CallApi,
  twilio: SimulatorAdmin,
  { namespace, sid, token }: FloorAccount,
): Promise<void> {
  await twilio.addAccount({ sid, authToken: token })
  await api('POST', '/api/v1/namespaces', { metadata: { name: namespace } })
  await api('POST', `/api/v1/namespaces/${namespace}/secrets`, {
    metadata: { name: 'twilio' },
    stringData: { TWILIO_AUTH_TOKEN: token },
  })
  await api('POST', `/apis/events.twilio.com/v1alpha1/namespaces/${namespace}/twilioaccounts`, {
    apiVersion: 'events.twilio.com/v1alpha1',
    kind: 'TwilioAccount',
    metadata: { name: 'default' },
    spec: { accountSid: sid, credentialsSecretRef: { name: 'twilio' } },
  })
}

interface Watched {
  readonly until: Until
  readonly onLoss: (message: string) => void
}

/** The bundle as the image starts it, with the default options, alone. */
function operatorOf(cluster: ControlPlane, twilioUrl: string, { until, onLoss }: Watched) {
  let running: RunningProgram | undefined
  return {
    pid: () => running?.pid ?? 0,
    start: async () => {
      const health = `127.0.0.1:${await freePort()}`
      const flags = {
        kubeconfig: cluster.kubeconfigPath,
        'twilio-base-url': twilioUrl,
        'metrics-address': `127.0.0.1:${await freePort()}`,
        'health-address': health,
        'leader-elect': 'false',
      }
      const argv = Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
      running = startProgram({
        name: 'operator',
        argv: [...nodeFlags(), BUNDLE, ...argv],
        folder: cluster.folder,
        onLoss,
      })
      await until({
        expected: 'an operator that is ready',
        look: async () => (await fetch(`http://${health}/readyz`)).status,
        holds: (status) => status === 200,
        tell: String,
      })
    },
    stop: async () => {
      const program = running
      running = undefined
      await program?.stop()
    },
  }
}

const accountsReady = (api: CallApi, count: number) => ({
  expected: `${count} TwilioAccounts that are Ready`,
  look: async () => {
    const list = (await api('GET', SINKS.replace(/sinks$/u, 'twilioaccounts'))) as { items: SinkObject[] }
    return list.items.filter((account) => readyCondition(account)?.status === 'True').length
  },
  holds: (ready: number) => ready === count,
  tell: String,
})

const noSinks = (api: CallApi) => ({
  expected: 'no Sinks',
  look: async () => ((await api('GET', `${SINKS}?limit=1`)) as { items: unknown[] }).items.length,
  holds: (left: number) => left === 0,
  tell: String,
})

async function runFloor(task: FloorTask): Promise<FloorResult> {
  const file = join(task.cluster.folder, 'floor.json')
  await writeFile(file, JSON.stringify(task), { mode: 0o600 })
  const argv = [fileURLToPath(new URL('floor.ts', import.meta.url)), file]
  const { stdout } = await promisify(execFile)(process.execPath, argv, { maxBuffer: 1 << 26 })
  return JSON.parse(stdout) as FloorResult
}
