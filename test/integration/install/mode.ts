import { RELEASE } from '../chart/chart.ts'
type Values = Readonly<Record<string, unknown>>

/** The operator looks after all namespaces, with a ClusterRole, or after some, with Roles. */
export type Mode = {
  readonly title: string
  /** The namespace of the release. */
  readonly own: string
  readonly shops: readonly [string, string]
  readonly values: Values
  /** What the operator asks without the right, and does without. */
  readonly refused: readonly string[]
  /** Releases that come when the first has gone, each for a while. */
  readonly later: readonly { readonly release: string; readonly values: Values }[]
}

/** A whole life under it shows that the operator needs nobody else to write a status. */
const POLICY = { admissionPolicy: { statusOnlyByOperator: true } }

export const MODES: readonly Mode[] = [
  {
    title: 'all namespaces',
    own: 'operator-all',
    shops: ['north', 'south'],
    values: { ...POLICY },
    refused: [],
    later: [{ release: 'another', values: {} }],
  },
  {
    title: 'some namespaces',
    own: 'operator-some',
    shops: ['east', 'west'],
    values: { ...POLICY, watchNamespaces: ['east', 'west'] },
    refused: ['kube-system: get namespaces kube-system'],
    later: [
      { release: RELEASE, values: {} },
      { release: 'another', values: { rbac: { crdRead: false } } },
    ],
  },
]
