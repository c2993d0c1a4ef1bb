import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WIDGETS } from '../../contract/kubernetes/fake-api-server.ts'
import type { ClusterAccess } from '../../rigs/control-plane/cluster-access.ts'

/** A small kind of the tests' own, with a status, a rule and a default, so that they need no kind of the product. */
export const WIDGET_API_VERSION = `${WIDGETS.group}/${WIDGETS.version}`

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: { size: { type: 'integer' } },
      'x-kubernetes-validations': [{ rule: '!has(self.size) || self.size < 1000', message: 'too large' }],
    },
    status: { type: 'object', properties: { phase: { type: 'string' } } },
  },
}

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${WIDGETS.plural}.${WIDGETS.group}` },
  spec: {
    group: WIDGETS.group,
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: WIDGETS.plural, singular: 'widget' },
    versions: [
      {
        name: WIDGETS.version,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: schema },
        subresources: { status: {} },
      },
    ],
  },
}

export async function applyWidgetDefinition(cluster: ClusterAccess): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'widgets-'))
  try {
    await writeFile(join(folder, 'widgets.json'), JSON.stringify(definition))
    await cluster.applyCrds(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Creates or changes an object through kubectl, never through the code under test. */
export async function applyWidget(
  cluster: ClusterAccess,
  namespace: string,
  name: string,
  more: { size?: number; finalizers?: readonly string[] } = {},
): Promise<void> {
  const { size, finalizers } = more
  const metadata = { name, namespace, ...(finalizers && { finalizers }) }
  const widget = { apiVersion: WIDGET_API_VERSION, kind: 'Widget', metadata, spec: { size } }
  const { code, stderr } = await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(widget))
  if (code !== 0) throw new Error(stderr)
}
