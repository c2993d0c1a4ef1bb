import type { Metadata } from '../../../api/parse.ts'
import { GROUP } from '../../../api/group.ts'
import type { Sink } from '../../../api/sink.ts'

const ANNOTATIONS: readonly (readonly [key: string, who: string])[] = [
  ['argocd.argoproj.io/tracking-id', 'Argo CD'],
  ['meta.helm.sh/release-name', 'the Helm release'],
]
const LABELS: readonly (readonly [key: string, who: string])[] = [
  ['argocd.argoproj.io/instance', 'Argo CD'],
  ['kustomize.toolkit.fluxcd.io/name', 'the Flux Kustomization'],
  ['helm.toolkit.fluxcd.io/name', 'the Flux HelmRelease'],
]

/** Who applies the object and would bring it back, for people; undefined: nobody that leaves a trace. */
export function managedBy({
  annotations,
  labels,
}: Pick<Metadata, 'annotations' | 'labels'>): string | undefined {
  const found = [...traces(LABELS, labels), ...traces(ANNOTATIONS, annotations)]
  return found[0]
}

const LONGEST = 100

/** It is printed on a terminal, which obeys control characters; an annotation can hold any. */
const visible = (text: string): string => text.slice(0, LONGEST).replaceAll(/[\p{C}\p{Z}]+/gu, ' ')

function traces(
  known: readonly (readonly [key: string, who: string])[],
  present: Readonly<Record<string, string>>,
): string[] {
  return known.flatMap(([key, who]) =>
    present[key] === undefined ? [] : [`${who} ${visible(present[key])}`],
  )
}

/** With `admissionPolicy.enabled` of the chart the API server refuses to delete a Sink that carries it. */
export const PROTECT_ANNOTATION = `${GROUP}/protect`

/** Whether a policy enforces it is not asked: a person has said that this object is to stay. */
export const isProtected = ({ metadata }: Sink): boolean =>
  metadata.annotations[PROTECT_ANNOTATION] === 'true'

/** For people. */
export const howToUnlock = ({ metadata: { namespace, name } }: Sink): string =>
  `it is protected; if it is to go: kubectl -n ${namespace} annotate sink ${name} ${PROTECT_ANNOTATION}-, then release again`
