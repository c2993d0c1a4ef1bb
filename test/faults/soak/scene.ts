import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { newRandomSid } from '../../rigs/simulator/sids.ts'
import { startControlPlane, type ControlPlane } from '../../rigs/control-plane/control-plane.ts'
import { freePort } from '../../rigs/control-plane/free-port.ts'
import { startProgram, type RunningProgram } from '../../demo/program.ts'
import { startSimulatorProgram } from '../../demo/simulator.ts'
import { untilOrAborted } from '../../demo/waiting.ts'
import { apiAccess, type ApiAccess } from '../../rigs/control-plane/api-access.ts'
import { kubeconfigThrough, startTcpPath, type TcpPath } from '../../integration/worlds/tcp-path.ts'
import { simulatorAdmin, type SimulatorAdmin } from '../../rigs/simulator/admin.ts'
import { apiCaller, type Caller } from '../../rigs/simulator/api-caller.ts'
import { settleNeighbours, type Neighbours } from './neighbours.ts'
import { nodeFlags } from './node-flags.ts'
import type { SoakOptions } from './soak-options.ts'

export const SOAK_NAMESPACE = 'soak'

/** A cluster, a Twilio and an operator, each with processes of its own, and the network before the API server. */
export interface SoakScene {
  readonly controlPlane: ControlPlane
  /** A person, not through the network that breaks. */
  readonly api: ApiAccess
  /** Between the operator and the API server. */
  readonly network: TcpPath
  readonly twilio: SimulatorAdmin
  readonly accountSid: string
  /** Somebody else with an API key of the account. */
  readonly other: Caller
  readonly operator: RunningProgram
  readonly neighbours: Neighbours
  readonly metricsUrl: string
  /** Aborted when a program ends by itself. */
  readonly broken: AbortSignal
  end(): Promise<void>
}

/** Scaled: minutes of real life are seconds. */
const TIMES = {
  'poll-interval': '2s',
  'settling-poll-interval': '1s',
  'call-timeout': '700ms',
  'settle-time': '1500ms',
  // One process for the whole run, whatever happens to the API server: leading is part of what is measured.
  'lease-duration': '120s',
  'renew-deadline': '100s',
}

/** People do not wait for ever; milliseconds. */
const ANSWERED_WITHIN = 10_000

export async function setSoakScene(
  { neighbours: count }: Pick<SoakOptions, 'neighbours'>,
  say: (text: string) => void,
): Promise<SoakScene> {
  say('Starting etcd and kube-apiserver ...')
  const controlPlane = await startControlPlane()
  const broken = new AbortController()
  const onLoss = (message: string): void => broken.abort(new Error(message))
  const folder = controlPlane.folder
  try {
    const simulator = await startSimulatorProgram({ folder, until: untilOrAborted(broken.signal), onLoss })
    const twilio = simulatorAdmin(simulator.url)
    const network = await startTcpPath({ port: Number(new URL(controlPlane.url).port) })
    const account = await makeAccount(controlPlane, twilio)
    const neighbours = await settleNeighbours(controlPlane, twilio, count)
    const kubeconfig = await kubeconfigThrough(network, controlPlane, join(folder, 'through.kubeconfig'))
    const metricsPort = await freePort()
    const flags = {
      kubeconfig,
      'twilio-base-url': simulator.url,
      'watch-namespaces': [SOAK_NAMESPACE, ...neighbours.namespaces].join(),
      namespace: SOAK_NAMESPACE,
      'metrics-address': `127.0.0.1:${metricsPort}`,
      'health-address': '0',
      'log-level': 'warn',
      ...TIMES,
    }
    const argv = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
    // Every collection is a full one: what the heap holds afterwards is in use.
    const operator = startProgram({
      name: 'operator',
      argv: ['--gc-global', ...nodeFlags(), 'src/main.ts', ...argv],
      folder,
      onLoss,
    })
    const metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`
    await answers(metricsUrl)
    return {
      controlPlane,
      api: apiAccess(controlPlane),
      network,
      twilio,
      accountSid: account.sid,
      other: otherUser(simulator.url, account.otherKey),
      operator,
      neighbours,
      metricsUrl,
      broken: broken.signal,
      end: async () => {
        await operator.stop()
        await network.stop()
        await simulator.stop()
        await controlPlane.stop()
      },
    }
  } catch (error) {
    await controlPlane.stop()
    throw error
  }
}

async function makeAccount(controlPlane: ControlPlane, twilio: SimulatorAdmin) {
  const sid = newRandomSid('AC')
  const otherKey = newRandomSid('SK')
  await twilio.addAccount({ sid, authToken: 'token-0' })
  await twilio.addCredential({ username: otherKey, password: 'else', account: sid })
  await controlPlane.applyCrds('crds')
  await controlPlane.createNamespace(SOAK_NAMESPACE)
  const must = async (args: readonly string[], stdin?: string): Promise<void> => {
    const { code, stderr } = await controlPlane.kubectl(['-n', SOAK_NAMESPACE, ...args], stdin)
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`)
  }
  await must(['create', 'secret', 'generic', 'twilio', '--from-literal=TWILIO_AUTH_TOKEN=token-0'])
  await must(['create', 'secret', 'generic', 'values', '--from-literal=url=https://u:p@secret.example.com/'])
  const account = {
    apiVersion: 'events.twilio.com/v1alpha1',
    kind: 'TwilioAccount',
    metadata: { name: 'default' },
    spec: { accountSid: sid, credentialsSecretRef: { name: 'twilio' } },
  }
  await must(['apply', '-f', '-'], JSON.stringify(account))
  return { sid, otherKey }
}

function otherUser(url: string, key: string): Caller {
  const call = apiCaller(url)
  const signal = () => AbortSignal.timeout(ANSWERED_WITHIN)
  return (method, path, sending) => call(method, path, { ...sending, as: `${key}:else`, signal: signal() })
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if ((await fetch(url).catch(() => undefined))?.ok === true) return
    await sleep(100)
  }
  throw new Error(`The operator serves no metrics at ${url}`)
}
