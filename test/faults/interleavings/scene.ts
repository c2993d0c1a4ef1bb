import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { destinationOf, type SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { newRandomSid } from '../../rigs/simulator/sids.ts'
import { startOperator, type OperatorProcess } from '../../integration/operator/operator-process.ts'
import { ready, setStage, sink, type Stage } from '../../integration/operator/stage.ts'
import { writeKubeconfigThrough } from '../../rigs/proxy/kubeconfig-through.ts'
import { startProxy, type Proxy } from '../../rigs/proxy/proxy.ts'
import { apiCaller, type Caller } from '../../rigs/simulator/api-caller.ts'
import type { JournalEntry } from '../../rigs/simulator/journal.ts'
import type { SettingsInput } from '../../rigs/simulator/settings.ts'
import type { SinkView } from '../../rigs/simulator/sink-administration.ts'

type Flags = Readonly<Record<string, string>>

/** Longer calls than elsewhere, since a test comes in between, and no outage where a machine misses a poll or two. */
const FLAGS: Flags = {
  'poll-interval': '1s',
  'settling-poll-interval': '300ms',
  'call-timeout': '3s',
  'settle-time': '6s',
}

/** A stage with a proxy on both sides of its operator, a person at Twilio, and sinks that are nobody's business. */
export interface Scene extends Stage {
  readonly proxy: Proxy
  /** Somebody else who uses the account, with an API key. */
  readonly person: Caller
  /** Applies the Sink and waits until it is Ready. */
  make(name: string, spec?: Readonly<Record<string, unknown>>): Promise<SinkObject>
  remove(name: string): Promise<unknown>
  gone(name: string): Promise<unknown>
  /** What stands at Twilio for the destination that only the object of this name has. */
  sinksOf(name: string): Promise<SinkView[]>
  /** Requests that were to change something at Twilio, by the operator, oldest first. */
  changes(since?: number): Promise<JournalEntry[]>
  /** Of all requests so far, the last. */
  last(): Promise<number>
  /** The sinks that were there before anything else; no operator has anything to do with them. */
  readonly strangers: readonly SinkView[]
  /** Another operator beside the one of the scene, with a proxy of its own; ended with the scene. */
  another(flags?: Flags): Promise<{ readonly operator: OperatorProcess; readonly proxy: Proxy }>
}

export async function setScene(options: {
  readonly name: string
  readonly flags?: Flags
  readonly settings?: SettingsInput
}): Promise<Scene> {
  const flags = { ...FLAGS, ...options.flags }
  const stage = await setStage({ ...options, flags, account: true })
  const { admin } = stage.simulator
  const key = { username: newRandomSid('SK'), password: 'of-a-person' }
  await admin.addCredential({ ...key, account: stage.accountSid })
  const call = apiCaller(stage.simulator.url)
  const person: Caller = (method, path, sending) =>
    call(method, path, { ...sending, as: `${key.username}:${key.password}` })
  await makeStrangers(person)
  const strangers = await admin.sinks()
  const ends: (() => Promise<unknown>)[] = []
  const behindProxy = async (host?: string): Promise<{ proxy: Proxy; flags: Flags }> => {
    const proxy = await proxyFor(stage, host)
    ends.unshift(() => proxy.stop())
    const kubeconfig = join(stage.cluster.folder, `${stage.namespace}-${ends.length}.kubeconfig`)
    await writeKubeconfigThrough(stage.cluster.kubeconfigPath, proxy.kubernetesUrl, kubeconfig)
    return { proxy, flags: { kubeconfig, 'twilio-base-url': proxy.twilioUrl } }
  }
  const own = await behindProxy()
  await stage.operator().stop()
  await stage.restart(own.flags)
  const byOperator = ({ credential }: JournalEntry): boolean => credential !== key.username
  const journal = async (since?: number) => (await admin.journal(since)).filter(byOperator)
  const scene: Scene = {
    ...stage,
    proxy: own.proxy,
    person,
    strangers,
    restart: (more) => stage.restart({ ...own.flags, ...more }),
    make: async (name, spec) => {
      await stage.apply(sink(name, spec))
      return ready(stage, name)
    },
    remove: (name) => stage.kubectl(['delete', 'sink', name, '--wait=false']),
    gone: (name) => until(`${name} is gone`, async () => (await stage.get('sinks', name)) === undefined),
    sinksOf: async (name) =>
      (await admin.sinks()).filter(
        ({ configuration }) => configuration['destination'] === destinationOf(name),
      ),
    changes: async (since) => (await journal(since)).filter(({ method }) => method !== 'GET'),
    last: async () => (await admin.journal()).at(-1)?.sequence ?? 0,
    another: async (more) => {
      // Of two that disagree about the URL of a sink, each would write its own, as they never do at one Twilio.
      const through = await behindProxy(new URL(own.proxy.twilioUrl).host)
      const base = { 'watch-namespaces': stage.namespace, namespace: stage.namespace }
      const operator = await startOperator({
        ...base,
        ...flags,
        ...more,
        kubeconfig: through.flags['kubeconfig'] ?? '',
        'twilio-base-url': through.proxy.twilioUrl,
      })
      ends.unshift(() => operator.kill())
      return { operator, proxy: through.proxy }
    },
    end: async () => {
      await stage.operator().kill()
      for (const end of ends) await end()
      await stage.end()
    },
  }
  return scene
}

function proxyFor({ cluster, simulator }: Stage, host?: string): Promise<Proxy> {
  const ca = readFileSync(cluster.certificateAuthorityPath, 'utf8')
  const twilio = { url: simulator.url, ...(host !== undefined && { host }) }
  return startProxy({ kubernetes: { url: cluster.url, ca }, twilio })
}

/** Each looks a little like a sink of the operator. */
const STRANGERS = ['Orders', 'Orders [k8s:aaaaaa/aaaaaaaaaaaa/1]', 'Events for nobody [k8s:oddities]']

async function makeStrangers(person: Caller): Promise<void> {
  for (const [index, Description] of STRANGERS.entries()) {
    const configuration = { destination: destinationOf(`stranger-${index}`), method: 'POST' }
    const form = { Description, SinkType: 'webhook', SinkConfiguration: JSON.stringify(configuration) }
    await person('POST', '/v1/Sinks', { form })
  }
}
