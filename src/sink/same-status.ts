import { isDeepStrictEqual } from 'node:util'
import type { SinkStatus } from '../api/sink.ts'

/** Whether a write would change nothing: at rest the operator is quiet. Absent and undefined are the same. */
export function sameStatus(a: SinkStatus, b: SinkStatus): boolean {
  return isDeepStrictEqual(present(a), present(b))
}

const present = (status: SinkStatus): object =>
  Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined))
