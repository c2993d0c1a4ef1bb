import { createLastSeen } from '../account/last-seen.ts'
import { createWitnesses } from '../account/witnesses.ts'
import { createAccountRegistry } from './account-registry.ts'
import { createAttemptLog } from './attempt-log.ts'
import { createDesiredCache } from './desired-cache.ts'
import { createNameLog } from './name-log.ts'
import { createReconcileMemory } from './reconcile-memory.ts'
import { createSinkIndex } from './sink-index.ts'
import type { Ports, ReconcileContext } from './context.ts'

/** An empty memory around the ports: a process that has just started knows nothing, and that is safe. */
export function createContext(ports: Ports): ReconcileContext {
  const lastSeen = createLastSeen()
  const witnesses = createWitnesses()
  return {
    ...ports,
    lastSeen,
    witnesses,
    registry: createAccountRegistry(lastSeen, witnesses),
    index: createSinkIndex(),
    names: createNameLog(),
    attempts: createAttemptLog(),
    memory: createReconcileMemory(),
    desired: createDesiredCache(),
  }
}
