import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import twilio from 'twilio'
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts'
import { simulatorAdmin, type SimulatorAdmin } from '../simulator/admin.ts'
import { startProgram, startSimulatorProgram, until, type Program } from './programs.ts'
import { followSinks } from './sink-watch.ts'
import type { Timeline } from './timeline.ts'

/** Minutes of real life in seconds; the proportions are those of the defaults. */
export const TIMES = {
  'poll-interval': '2s',
  'settling-poll-interval': '1s',
  'call-timeout': '1s',
  'settle-time': '2s',
} as const

export const NAMESPACE = 'shop'
const ACCOUNT = `AC${'0'.repeat(32)}`
const TOKEN = 'demo-auth-token'

type Library = ReturnType<typeof twilio>

export interface SinkView {
  readonly metadata: { readonly name: string; readonly generation: number }
  readonly status: {
    readonly observedGeneration: number
    readonly sid?: string
    readonly sinkStatus?: string
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason: string
      readonly message: string
    }[]
  }
}

/** Everything the demo plays with. Checks go through `kubectl` and the official library alone. */
export interface World {
  readonly controlPlane: ControlPlane
  readonly twilio: Library['events']['v1']
  /** Somebody else at Twilio, and faults. */
  readonly somebody: SimulatorAdmin
  readonly simulatorUrl: string
  readonly folder: string
  readonly kubectl: (...args: readonly string[]) => Promise<string>
  /** Standard error of a call that must fail. */
  refused(args: readonly string[]): Promise<string>
  apply(yaml: string): Promise<string>
  sink(name: string): Promise<SinkView | undefined>
  startOperator(): Promise<void>
  operatorPid(): number
  killOperator(): Promise<void>
  end(): Promise<void>
}

export async function buildWorld(timeline: Timeline): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'twilio-sink-operator-demo-'))
  const endings: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  const end = async (): Promise<void> => {
    for (const ending of endings.splice(0).reverse()) await ending().catch(() => undefined)
  }
  try {
    return await build(timeline, { folder, endings, end })
  } catch (error) {
    await end()
    throw error
  }
}

interface Foundation {
  readonly folder: string
  readonly endings: (() => Promise<unknown>)[]
  readonly end: () => Promise<void>
}

async function build(timeline: Timeline, { folder, endings, end }: Foundation): Promise<World> {
  timeline.say(
    'Starting etcd and kube-apiserver (the first time on a machine they are built, which takes minutes)',
  )
  const controlPlane = await startControlPlane()
  endings.push(() => controlPlane.stop())
  timeline.say('Starting the Twilio simulator')
  const simulator = await startSimulatorProgram(join(folder, 'simulator.log'))
  endings.push(() => simulator.stop())
  const library = twilio(ACCOUNT, TOKEN)
  library.events.baseUrl = simulator.url
  await controlPlane.applyCrds('crds')
  const operator: { running: Program | undefined } = { running: undefined }
  endings.push(async () => operator.running?.stop())
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const { stdout, stderr, code } = await controlPlane.kubectl([...args])
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr.trim()}`)
    return stdout
  }
  await kubectl('apply', '-f', 'docs/samples/namespace.yaml')
  const watch = followSinks(controlPlane, NAMESPACE, timeline)
  endings.push(() => watch.stop())
  return {
    controlPlane,
    twilio: library.events.v1,
    somebody: simulatorAdmin(simulator.url),
    simulatorUrl: simulator.url,
    folder,
    kubectl,
    refused: async (args) => {
      const { stderr, code } = await controlPlane.kubectl([...args])
      if (code === 0) throw new Error(`kubectl ${args.join(' ')} was not refused`)
      return stderr.trim()
    },
    apply: async (yaml) => {
      const { stdout, stderr, code } = await controlPlane.kubectl(['apply', '-f', '-'], yaml)
      if (code !== 0) throw new Error(stderr.trim())
      return stdout
    },
    sink: async (name) => {
      const { stdout, code } = await controlPlane.kubectl([
        '-n',
        NAMESPACE,
        'get',
        'sink',
        name,
        '-o',
        'json',
      ])
      return code === 0 ? (JSON.parse(stdout) as SinkView) : undefined
    },
    startOperator: async () => {
      operator.running = await startOperator(controlPlane, simulator.url, folder)
    },
    operatorPid: () => operator.running?.pid ?? 0,
    killOperator: async () => {
      await operator.running?.stop('SIGKILL')
    },
    end,
  }
}

async function startOperator(
  controlPlane: ControlPlane,
  twilioUrl: string,
  folder: string,
): Promise<Program> {
  const flags = {
    kubeconfig: controlPlane.kubeconfigPath,
    'twilio-base-url': twilioUrl,
    'metrics-address': '0',
    'health-address': '0',
    ...TIMES,
  }
  const argv = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
  const program = startProgram('operator', ['src/main.ts', ...argv], join(folder, 'operator.log'))
  // Ready enough: what it does is seen through kubectl.
  await until('The operator runs', () => Promise.resolve(program.pid > 0 && !program.ended()))
  return program
}
