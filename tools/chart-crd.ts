import { crdYaml, type Kind } from '../src/api/crd/crd.ts'

/** Helm keeps the definition when the release goes; Argo CD neither prunes it nor deletes it with its application. */
const KEPT = {
  'helm.sh/resource-policy': 'keep',
  'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false,ServerSideApply=true',
}

/**
 * The template of a CustomResourceDefinition in the chart: the file in `crds/` with labels and the annotations that
 * keep it. A template, since Helm never upgrades what is in a chart's own `crds` folder.
 */
export function chartCrd(kind: Kind): string {
  const plain = crdYaml(kind)
  if (plain.includes('{{'))
    throw new Error(`the definition of ${kind.kind} holds what Helm takes for a template`)
  const [head, tail] = plain.split(/(?<=\nmetadata:\n {2}name: .+\n)/u)
  if (head === undefined || tail === undefined) throw new Error(`the definition of ${kind.kind} has no name`)
  const annotations = Object.entries(KEPT).map(([key, value]) => `    ${key}: ${value}\n`)
  const labels = '  labels: {{- include "twilio-sink-operator.labels" . | nindent 4 }}\n'
  return `{{- if .Values.crds.enabled }}\n${head}${labels}  annotations:\n${annotations.join('')}${tail}{{- end }}\n`
}
