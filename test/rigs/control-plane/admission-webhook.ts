import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { apiAccess } from './api-access.ts'
import type { ClusterAccess } from './cluster-access.ts'

/** What the API server asks before each UPDATE of Sinks of one namespace, and what always says no. */
export interface DenyingWebhook {
  /** How often it was asked. */
  readonly asked: number
  /** The API server asks no more. */
  stop(): Promise<void>
}

export interface Denial {
  readonly namespace: string
  /** HTTP status of the answer. */
  readonly code: number
  readonly message: string
}

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'

/** Serves with the API server's own certificate, which is for loopback addresses. */
export async function startDenyingWebhook(
  cluster: ClusterAccess,
  { namespace, code, message }: Denial,
): Promise<DenyingWebhook> {
  const certificate = readFileSync(cluster.certificateAuthorityPath)
  const key = readFileSync(join(dirname(cluster.certificateAuthorityPath), 'apiserver.key'))
  let asked = 0
  const server = createServer({ cert: certificate, key }, (request, response) => {
    asked += 1
    void text(request).then((body) => {
      const { request: review } = JSON.parse(body) as { request: { uid: string } }
      const denied = { uid: review.uid, allowed: false, status: { code, message } }
      const answer = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: denied }
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const api = apiAccess(cluster)
  const name = `denies-${namespace}`
  const { status, body } = await api('POST', CONFIGURATIONS, {
    type: 'json',
    body: configuration({ name, namespace, url, caBundle: certificate.toString('base64') }),
  })
  if (status !== 201) throw new Error(`The webhook could not be registered: ${JSON.stringify(body)}`)
  return {
    get asked() {
      return asked
    },
    stop: async () => {
      await api('DELETE', `${CONFIGURATIONS}/${name}`)
      server.closeAllConnections()
      server.close()
    },
  }
}

interface Registered {
  readonly name: string
  readonly namespace: string
  readonly url: string
  readonly caBundle: string
}

const configuration = ({ name, namespace, url, caBundle }: Registered) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name },
  webhooks: [
    {
      name: 'denies.example.com',
      clientConfig: { url, caBundle },
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      rules: [
        {
          apiGroups: ['events.twilio.com'],
          apiVersions: ['*'],
          operations: ['UPDATE'],
          resources: ['sinks', 'sinks/status'],
        },
      ],
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      failurePolicy: 'Ignore',
    },
  ],
})
