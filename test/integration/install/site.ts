import { join } from 'node:path'
import { hex, newRandomSid } from '../../rigs/simulator/sids.ts'
import type { Command } from '../../rigs/control-plane/command.ts'
import { startControlPlane, type ControlPlane } from '../../rigs/control-plane/control-plane.ts'
import { helmFor } from '../../rigs/control-plane/helm.ts'
import type { SimulatorAdmin } from '../../rigs/simulator/admin.ts'
import { startSimulator } from '../../rigs/simulator/simulator.ts'
import { apiAccess, type ApiAccess } from '../../rigs/control-plane/api-access.ts'
import { copyImage } from './image.ts'
import { startKubelet } from './kubelet.ts'
import type { PodProcess } from './pod-process.ts'

/** A cluster in which Helm installs and Pods run, and a Twilio that they reach under its own address. */
export type Site = {
  readonly cluster: ControlPlane
  readonly api: ApiAccess
  readonly accountSid: string
  readonly key: { readonly sid: string; readonly secret: string }
  readonly simulator: { readonly url: string; readonly admin: SimulatorAdmin }
  /** All Pods so far, ended ones too. */
  pods(): readonly PodProcess[]
  /** With values as JSON. Rejects when it ends with another code than 0. */
  helm(args: readonly string[], values?: unknown): Promise<string>
  kubectl(args: readonly string[], stdin?: string): Promise<string>
  /** Rejects when a Pod has ended without being told to. */
  end(): Promise<void>
}

export const ROOT = join(import.meta.dirname, '../../..')
const NODE = 'node'

/** `flags`: Node's, for the operators. */
export async function openSite(flags: readonly string[] = []): Promise<Site> {
  const auditPolicy = join(import.meta.dirname, 'audit-policy.yaml')
  const cluster = await startControlPlane({ auditPolicy })
  try {
    return await furnish(cluster, flags)
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

async function furnish(cluster: ControlPlane, flags: readonly string[]): Promise<Site> {
  const image = await copyImage(cluster.folder)
  await cluster.startControllerManager()
  await cluster.startNode(NODE)
  const accountSid = newRandomSid('AC')
  const key = { sid: newRandomSid('SK'), secret: hex(16) }
  const simulator = await startSimulator({ accounts: [{ sid: accountSid, keys: [key] }] })
  const api = apiAccess(cluster)
  const hosts = new Map([['https://events.twilio.com', simulator.url]])
  const kubelet = startKubelet(NODE, { cluster, api, image, hosts, flags })
  const helm = mustEndWell('helm', await helmFor(cluster))
  return {
    cluster,
    api,
    accountSid,
    key,
    simulator,
    pods: () => kubelet.processes,
    helm: (args, values) =>
      values === undefined ? helm(args) : helm([...args, '--values', '-'], JSON.stringify(values)),
    kubectl: mustEndWell('kubectl', cluster.kubectl),
    end: async () => {
      try {
        await kubelet.stop()
      } finally {
        await simulator.stop()
        await cluster.stop()
      }
    },
  }
}

function mustEndWell(name: string, command: Command) {
  return async (args: readonly string[], stdin?: string): Promise<string> => {
    const { stdout, stderr, code } = await command(args, stdin)
    if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${code}: ${stderr}`)
    return stdout
  }
}
