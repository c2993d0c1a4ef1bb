import { startControlPlane, type ControlPlane } from '../rigs/control-plane/control-plane.ts'
import { freePort } from '../rigs/control-plane/free-port.ts'
import { simulatorAdmin, type SimulatorAdmin } from '../rigs/simulator/admin.ts'
import { demoKubectl, DEMO_NAMESPACE, type DemoKubectl } from './kubectl.ts'
import { demoOperator, type Operator } from './operator.ts'
import { startSimulatorProgram } from './simulator.ts'
import { watchSinks } from './sink-watch.ts'
import type { Timeline } from './timeline.ts'
import { twilioEvents, type TwilioEvents } from './twilio-library.ts'
import { watchTwilio } from './twilio-watch.ts'
import { untilOrAborted, type Until } from './waiting.ts'

/** What the acts play with. They check through `kubectl` and `twilio` alone. */
export interface DemoStage {
  readonly kubectl: DemoKubectl
  readonly twilio: TwilioEvents
  /** Orders faults and knows what Twilio keeps to itself. */
  readonly simulator: SimulatorAdmin
  readonly operator: Operator
  readonly timeline: Timeline
  readonly until: Until
  /** What one step has seen and a later one compares with. */
  readonly memory: Map<string, string>
}

export interface Theatre {
  readonly stage: DemoStage
  readonly addresses: Addresses
  /** Ends everything that was started and removes what it wrote. */
  end(): Promise<void>
}

export interface Addresses {
  readonly controlPlane: ControlPlane
  readonly simulatorUrl: string
  readonly metricsUrl: string
}

type Ending = () => Promise<unknown>

/** Starts everything but the operator. `stop` ends all waiting, and is aborted here when a program is lost. */
export async function openTheatre(timeline: Timeline, stop: AbortController): Promise<Theatre> {
  const endings: Ending[] = []
  const end = async (): Promise<void> => {
    for (const ending of endings.splice(0).reverse()) await ending().catch(() => undefined)
  }
  try {
    return { ...(await open(timeline, stop, endings)), end }
  } catch (error) {
    await end()
    throw error
  }
}

async function open(
  timeline: Timeline,
  stop: AbortController,
  endings: Ending[],
): Promise<Omit<Theatre, 'end'>> {
  const until = untilOrAborted(stop.signal)
  const onLoss = (message: string): void => stop.abort(new Error(message))
  timeline.say(
    'Starting etcd and kube-apiserver (fetched or built when this machine has none, which it says)',
  )
  const controlPlane = await orAborted(startControlPlane(), stop.signal)
  endings.push(() => controlPlane.stop())
  timeline.say('Starting the Twilio simulator')
  const simulator = await startSimulatorProgram({ folder: controlPlane.folder, until, onLoss })
  endings.push(() => simulator.stop())
  const metricsPort = await freePort()
  const operator = demoOperator({ controlPlane, twilioUrl: simulator.url, metricsPort, onLoss })
  endings.push(() => operator.stop())
  const kubectl = demoKubectl((...call) => controlPlane.kubectl(...call), timeline)
  const twilio = twilioEvents(simulator.url)
  await controlPlane.applyCrds('crds')
  await kubectl.read('apply', '-f', 'docs/samples/namespace.yaml')
  endings.push(watchSinks(controlPlane, DEMO_NAMESPACE, timeline), watchTwilio(twilio, timeline))
  const admin = simulatorAdmin(simulator.url)
  return {
    stage: { kubectl, twilio, simulator: admin, operator, timeline, until, memory: new Map() },
    addresses: {
      controlPlane,
      simulatorUrl: simulator.url,
      metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    },
  }
}

/** For work that knows no signal: what it began ends with this process. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    const refuse = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
    if (signal.aborted) refuse()
    else signal.addEventListener('abort', refuse, { once: true })
  })
  aborted.catch(() => undefined)
  return Promise.race([work, aborted])
}
