import type { CrdCheck } from './crd-check.ts'

/** How far the process has come. */
export interface Readiness {
  synced: boolean
  /** Monotonic ms. */
  leadingSince: number | undefined
}

/** For `/readyz`, in one sentence. `ending`: signals of the end. */
export function notReadyReason(
  { synced }: Readiness,
  crdCheck: Pick<CrdCheck, 'problem'>,
  ending: readonly AbortSignal[],
): string | undefined {
  if (ending.some(({ aborted }) => aborted)) return 'ending'
  return crdCheck.problem() ?? (synced ? undefined : 'caches not yet filled')
}
