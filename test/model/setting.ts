import type { Settings } from '../../src/reconciler/context.ts'
import { CALL_TIMEOUT, POLL, MODEL_SETTLE, SETTLING_POLL } from './time.ts'

/** What a process is started with. */
export interface Setting {
  readonly installationId: string
  /** A world in which it matters that the wait for a slot may be long. */
  readonly slots: boolean
}

export const WALL = Date.parse('2026-11-24T12:00:00Z')

export const settingsOf = ({ installationId }: Setting, leadingSince: () => number): Settings => ({
  installationId,
  poll: POLL,
  settlingPoll: SETTLING_POLL,
  settle: MODEL_SETTLE,
  callTimeout: CALL_TIMEOUT,
  operatorNamespace: 'operators',
  watchesAll: true,
  accountNamespaces: [],
  unreadNamespaces: () => [],
  defaultAccount: 'shop/default',
  leadingSince,
})
