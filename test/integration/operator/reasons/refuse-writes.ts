import { until } from '../../../rigs/until.ts'
import type { Stage } from '../stage.ts'

const GROUP = 'admissionregistration.k8s.io'

/**
 * Nobody may change Sinks whose name begins so, besides making and deleting them; in force when it resolves. `probe`: one
 * that is there.
 */
export async function refuseWrites(stage: Stage, sink: string, probe = sink): Promise<void> {
  const name = `keep-${sink}-${stage.namespace}`
  const rule = { apiGroups: ['events.twilio.com'], apiVersions: ['*'], resources: ['sinks'] }
  await apply(stage, 'ValidatingAdmissionPolicy', name, {
    failurePolicy: 'Fail',
    matchConstraints: { resourceRules: [{ ...rule, operations: ['UPDATE'] }] },
    validations: [
      { expression: `!object.metadata.name.startsWith("${sink}")`, message: 'nobody changes this Sink' },
    ],
  })
  const namespace = { 'kubernetes.io/metadata.name': stage.namespace }
  await apply(stage, 'ValidatingAdmissionPolicyBinding', name, {
    policyName: name,
    validationActions: ['Deny'],
    matchResources: { namespaceSelector: { matchLabels: namespace } },
  })
  const attempt = ['label', 'sink', probe, 'probe=refused', '--dry-run=server']
  await until('the policy is in force', () =>
    stage.kubectl(attempt).then(
      () => false,
      () => true,
    ),
  )
}

async function apply(stage: Stage, kind: string, name: string, spec: object): Promise<void> {
  const object = { apiVersion: `${GROUP}/v1`, kind, metadata: { name }, spec }
  await stage.kubectl(['create', '-f', '-'], JSON.stringify(object))
}
