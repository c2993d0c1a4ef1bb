import { newRandomSid } from '../../rigs/simulator/sids.ts'
import type { SimulatorAdmin } from '../../rigs/simulator/admin.ts'
import type { ControlPlane } from '../../rigs/control-plane/control-plane.ts'
import { startDenyingWebhook } from '../../rigs/control-plane/admission-webhook.ts'

/** Other namespaces of the operator. The first two have trouble that never ends, the others nothing. */
export interface Neighbours {
  readonly namespaces: readonly string[]
  /** How often a webhook was asked about the Sink that it always refuses. */
  refusals(): number
  /** Their trouble goes away, and their Sinks with it. Rejects where one is still there half a minute later. */
  leave(): Promise<void>
}

export const NO_NEIGHBOURS: Neighbours = { namespaces: [], refusals: () => 0, leave: async () => undefined }

const LEAVES_WITHIN = 30_000

/** As many namespaces, each of which must be watched; they are there before the operator starts. */
export async function settleNeighbours(
  controlPlane: ControlPlane,
  twilio: SimulatorAdmin,
  count: number,
): Promise<Neighbours> {
  if (count === 0) return NO_NEIGHBOURS
  const namespaces = Array.from({ length: count }, (_, index) => `neighbour-${index}`)
  for (const namespace of namespaces) await controlPlane.createNamespace(namespace)
  const [refused = '', throttled = refused] = namespaces
  const webhook = await startDenyingWebhook(controlPlane, {
    namespace: refused,
    code: 409,
    message: 'a policy of this cluster says no',
  })
  const must = async (namespace: string, args: readonly string[], stdin?: string): Promise<string> => {
    const { code, stdout, stderr } = await controlPlane.kubectl(['-n', namespace, ...args], stdin)
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`)
    return stdout
  }
  const give = async (namespace: string): Promise<string> => {
    const accountSid = newRandomSid('AC')
    await twilio.addAccount({ sid: accountSid, authToken: 'theirs' })
    await must(namespace, [
      'create',
      'secret',
      'generic',
      'twilio',
      '--from-literal=TWILIO_AUTH_TOKEN=theirs',
    ])
    const objects = [accountObject(accountSid), sinkObject(namespace)]
    await must(
      namespace,
      ['apply', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
    )
    return accountSid
  }
  await give(refused)
  const credential = await give(throttled)
  const { id } = await twilio.addFault({ kind: 'answer', status: 429, match: { credential } })
  return {
    namespaces,
    refusals: () => webhook.asked,
    leave: async () => {
      await webhook.stop()
      await twilio.removeFault(id)
      const wait = ['--wait', `--timeout=${LEAVES_WITHIN / 1000}s`]
      for (const namespace of [refused, throttled])
        await must(namespace, ['delete', 'sink', 'theirs', ...wait])
    },
  }
}

const accountObject = (accountSid: string) => ({
  apiVersion: 'events.twilio.com/v1alpha1',
  kind: 'TwilioAccount',
  metadata: { name: 'default' },
  spec: { accountSid, credentialsSecretRef: { name: 'twilio' } },
})

const sinkObject = (namespace: string) => ({
  apiVersion: 'events.twilio.com/v1alpha1',
  kind: 'Sink',
  metadata: { name: 'theirs' },
  spec: { description: `Neighbour ${namespace}`, webhook: { destination: 'https://theirs.example.com/' } },
})
