import type { LabelSelector } from '../../api/reference.ts'
import type { PartialSink, Sink } from '../../api/sink.ts'
import type { TwilioAccount } from '../../api/twilio-account.ts'
import type { ClusterReader, CachedObject, ObjectKey, ObjectStore } from '../ports.ts'

/** `namespace/name` of the TwilioAccount that the Sink refers to, whether it exists or not. */
export function accountNameOf(
  { metadata, spec }: Pick<PartialSink, 'metadata' | 'spec'>,
  accounts: Pick<ObjectStore<TwilioAccount>, 'get'>,
  defaultAccount: ObjectKey | undefined,
): ObjectKey {
  const { accountRef } = spec
  if (accountRef !== undefined) return `${accountRef.namespace ?? metadata.namespace}/${accountRef.name}`
  const local = `${metadata.namespace}/default`
  return accounts.get(local) === undefined ? (defaultAccount ?? local) : local
}

/** Whether Sinks of the namespace may refer to the account; the default is the account's own namespace alone. */
export async function isAllowed(
  account: TwilioAccount,
  namespace: string,
  cluster: Pick<ClusterReader, 'namespaceLabels'>,
): Promise<boolean> {
  const { from, selector } = account.spec.allowedNamespaces
  if (account.metadata.namespace === namespace || from === 'All') return true
  if (from === 'Same' || selector === undefined) return false
  const labels = await cluster.namespaceLabels(namespace)
  return labels !== undefined && selects(selector, labels)
}

/**
 * As `isAllowed`, without asking: `labelled` is what the labels of namespaces said when they were last read. Where they
 * were not, the answer is no.
 */
export function mayRefer(
  { metadata, spec }: TwilioAccount,
  namespace: string,
  labelled: ReadonlyMap<string, boolean>,
): boolean {
  const { from } = spec.allowedNamespaces
  if (metadata.namespace === namespace || from === 'All') return true
  return from === 'Selector' && labelled.get(namespace) === true
}

export const mayImport = (account: TwilioAccount, namespace: string): boolean =>
  account.spec.imports === 'Allowed' || account.metadata.namespace === namespace

/** All of the Sink, or what can be read of it; undefined where there is none, or nothing can. */
export const partialSink = (cached: CachedObject<Sink> | undefined): PartialSink | undefined =>
  cached?.readable === true ? cached.object : cached?.partial

export const readable = <T>(cached: CachedObject<T> | undefined): T | undefined =>
  cached?.readable === true ? cached.object : undefined

/** `metav1.LabelSelector`: all requirements together. */
export function selects(
  { matchLabels, matchExpressions }: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  const equal = Object.entries(matchLabels ?? {}).every(([key, value]) => labelOf(labels, key) === value)
  return equal && (matchExpressions ?? []).every((requirement) => meets(requirement, labels))
}

/** Every object has a `constructor`, but no namespace has that label for it. */
const labelOf = (labels: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number]

function meets({ key, operator, values }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = labelOf(labels, key)
  switch (operator) {
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'In':
      return value !== undefined && (values ?? []).includes(value)
    case 'NotIn':
      return value === undefined || !(values ?? []).includes(value)
  }
}
