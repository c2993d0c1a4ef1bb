import { crdYaml, type Kind } from '../src/api/crd/crd.ts'

/**
 * The template of a CustomResourceDefinition in the chart: the file in `crds/` with labels and the annotations that
 * keep it (`templates/_names.tpl`). A template, since Helm never upgrades what is in a chart's own `crds` folder.
 */
export function chartCrd(kind: Kind): string {
  const plain = crdYaml(kind)
  if (plain.includes('{{'))
    throw new Error(`the definition of ${kind.kind} holds what Helm takes for a template`)
  const [head, tail] = plain.split(/(?<=\nmetadata:\n {2}name: .+\n)/u)
  if (head === undefined || tail === undefined) throw new Error(`the definition of ${kind.kind} has no name`)
  const labels = '  labels: {{- include "twilio-sink-operator.labels" . | nindent 4 }}\n'
  const annotations = '  annotations: {{- include "twilio-sink-operator.crdAnnotations" . | nindent 4 }}\n'
  return `{{- if .Values.crds.enabled }}\n${head}${labels}${annotations}${tail}{{- end }}\n`
}
