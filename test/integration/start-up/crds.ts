import { until } from '../../rigs/until.ts'
import { customResourceDefinition } from '../../../src/api/crd/crd.ts'
import { SINK_KIND } from '../../../src/api/crd/custom-resources.ts'
import type { ClusterAccess } from '../../rigs/control-plane/cluster-access.ts'

type Schema = Record<string, unknown>

/** The CRD of Sinks as another version might have it. */
export interface OtherDefinition {
  /** Top-level fields of the status that it does not have. */
  readonly without?: readonly string[]
  /** Texts that it has beside those of this version, in spec and status. */
  readonly more?: readonly string[]
  readonly subresource?: boolean
}

export function sinkDefinition({ without = [], more = [], subresource = true }: OtherDefinition) {
  const definition = structuredClone(customResourceDefinition(SINK_KIND))
  const [version] = definition.spec.versions
  if (version === undefined) throw new Error('no version')
  const schema: Schema = version.schema.openAPIV3Schema
  // The rules name fields of the status: a CRD without the fields has no such rules either.
  if (without.length > 0) delete schema['x-kubernetes-validations']
  const { spec, status } = schema['properties'] as Record<'spec' | 'status', { properties: Schema }>
  for (const field of without) delete status.properties[field]
  for (const field of more)
    for (const part of [spec, status]) part.properties[field] = { type: 'string', maxLength: 100 }
  if (!subresource) delete (version as { subresources?: unknown }).subresources
  return definition
}

/** Puts the definition in place, and waits until the API server publishes a schema that `shows` says is the new one. */
export async function install(
  { kubectl }: Pick<ClusterAccess, 'kubectl'>,
  other: OtherDefinition,
  shows: (status: Schema, paths: Schema) => boolean,
): Promise<void> {
  const apply = ['apply', '--server-side', '-f', '-']
  const { code, stderr } = await kubectl(apply, JSON.stringify(sinkDefinition(other)))
  if (code !== 0) throw new Error(stderr)
  await until(
    'the new schema is published',
    async () => {
      const answer = await kubectl(['get', '--raw', '/openapi/v3/apis/events.twilio.com/v1alpha1'])
      if (answer.code !== 0) return false
      const { components, paths } = JSON.parse(answer.stdout) as {
        components: { schemas: Record<string, { properties: { status: { properties: Schema } } }> }
        paths: Schema
      }
      const schema = components.schemas['com.twilio.events.v1alpha1.Sink']
      return schema !== undefined && shows(schema.properties.status.properties, paths)
    },
    60_000,
  )
}
