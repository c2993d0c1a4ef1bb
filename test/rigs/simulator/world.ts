import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { createAccounts, type AccountInput, type Accounts } from './accounts.ts'
import type { Clock } from './clock.ts'
import { createFaults, type Faults } from './faults.ts'
import { createJournal, type Journal, type JournalEntry } from './journal.ts'
import { Settings, type SettingsInput } from './settings.ts'
import { newRandomSid, type NewSid } from './sids.ts'
import { createStatistics, type Statistics } from './statistics.ts'
import { createAccountStore, type AccountStore } from './store.ts'

/** What a reset can put back to the start. `sinks` takes the subscriptions with it. */
export const ResetPart = z.enum(['sinks', 'accounts', 'settings', 'faults', 'journal', 'statistics'])
export type ResetPart = z.infer<typeof ResetPart>

/** Everything one simulator knows. */
export interface World {
  readonly clock: Clock
  readonly newSid: NewSid
  readonly newTestId: () => string
  readonly log: (entry: JournalEntry) => void
  settings: Settings
  readonly accounts: Accounts
  readonly faults: Faults
  readonly journal: Journal
  readonly statistics: Statistics
  /** The store of an account; it begins empty. */
  storeOf(accountSid: string): AccountStore
  stores(): [accountSid: string, store: AccountStore][]
  /** Calls that are still waiting then take effect in the store they began with, which nobody sees any more. */
  reset(parts: readonly ResetPart[]): void
}

export interface WorldOptions {
  readonly settings?: SettingsInput | undefined
  readonly accounts: readonly AccountInput[]
  readonly clock?: Clock | undefined
  readonly log?: ((entry: JournalEntry) => void) | undefined
}

/** Throws a ZodError for wrong settings or accounts. */
export function createAccountWorld(options: WorldOptions): World {
  const clock = options.clock ?? Date.now
  const initial = Settings.parse(options.settings ?? {})
  const stores = new Map<string, AccountStore>()

  const world: World = {
    clock,
    newSid: newRandomSid,
    newTestId: randomUUID,
    log: options.log ?? (() => {}),
    settings: initial,
    accounts: createAccounts(options.accounts),
    faults: createFaults(),
    journal: createJournal(clock),
    statistics: createStatistics(),
    storeOf: (accountSid) => {
      const store = stores.get(accountSid) ?? createAccountStore(clock, newRandomSid)
      stores.set(accountSid, store)
      return store
    },
    stores: () => [...stores],
    reset: (parts) => parts.forEach((part) => resets[part]()),
  }
  const resets: Record<ResetPart, () => void> = {
    sinks: () => stores.clear(),
    accounts: () => world.accounts.reset(),
    settings: () => {
      world.settings = initial
    },
    faults: () => world.faults.clear(),
    journal: () => world.journal.clear(),
    statistics: () => world.statistics.clear(),
  }
  return world
}
