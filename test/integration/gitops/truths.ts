import { condition } from '../../rigs/sink-object.ts'
import type { WatchedObject } from './object-watch.ts'
import type { Reading } from './reading.ts'

/** What holds of any version of any object; sentences about those that do not hold. */
export function untruths(object: WatchedObject, { argo, kstatus, flux }: Reading): string[] {
  const { metadata, spec, status } = object
  const holds = (type: string): boolean => condition(object, type)?.status === 'True'
  const deleting = metadata.deletionTimestamp !== undefined
  const observed = status.observedGeneration === metadata.generation
  const suspended = spec['suspend'] === true
  const final = observed && !deleting
  const stands = final && holds('Ready') && (object.kind === 'TwilioAccount' || status.sid !== undefined)
  const failed = final && holds('Stalled')
  const spoken = condition(object, 'Ready')?.observedGeneration === metadata.generation
  const rules: Readonly<Record<string, boolean>> = {
    'Reconciling and Stalled are never both there': !(holds('Reconciling') && holds('Stalled')),
    'Argo CD says Degraded where it is Stalled, and nowhere else':
      (argo.status === 'Degraded') === (failed && !suspended),
    'kstatus says Failed where it is Stalled, and nowhere else': (kstatus.status === 'Failed') === failed,
    'Flux says Failed where it is Stalled, and nowhere else': (flux.status === 'Failed') === failed,
    'Argo CD says Healthy only of what is Ready and observed':
      argo.status !== 'Healthy' || (stands && !suspended && spoken),
    'Flux says Current only of what is Ready, and of this generation':
      flux.status !== 'Current' || (stands && spoken),
    'kstatus says Current only of what is Ready and observed, or was when it was suspended':
      kstatus.status !== 'Current' || (stands && (spoken || suspended)),
    'Argo CD says Suspended of what is suspended, and of nothing else':
      (argo.status === 'Suspended') === (final && suspended),
    'what is being deleted is not done':
      !deleting || [argo.status, kstatus.status, flux.status].join() === 'Progressing,Terminating,InProgress',
  }
  return Object.entries(rules).flatMap(([rule, kept]) => (kept ? [] : [rule]))
}
