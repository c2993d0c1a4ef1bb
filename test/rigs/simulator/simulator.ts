import { DEMO_ACCOUNT, type AccountInput } from './accounts.ts'
import { simulatorAdmin, type SimulatorAdmin } from './admin.ts'
import type { Clock } from './clock.ts'
import type { JournalEntry } from './journal.ts'
import { startServer } from './server.ts'
import type { SettingsInput } from './settings.ts'
import { createAccountWorld } from './world.ts'

export interface SimulatorOptions {
  /** 0, the default: any free one. */
  readonly port?: number | undefined
  /** Default 127.0.0.1. */
  readonly host?: string | undefined
  readonly settings?: SettingsInput | undefined
  /** Default: the demo account. */
  readonly accounts?: readonly AccountInput[] | undefined
  readonly clock?: Clock | undefined
  /** Called when a call has its answer, or will get none. */
  readonly log?: ((entry: JournalEntry) => void) | undefined
}

export interface Simulator {
  /** Base URL of the API, to be used in place of `https://events.twilio.com`. */
  readonly url: string
  readonly admin: SimulatorAdmin
  stop(): Promise<void>
}

/** Starts a Twilio Event Streams twin. Rejects for wrong settings or accounts, and for an address in use. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { settings, clock, log, accounts = [DEMO_ACCOUNT] } = options
  const world = createAccountWorld({ settings, accounts, clock, log })
  const server = await startServer(world, options.host ?? '127.0.0.1', options.port ?? 0)
  return { url: server.url, admin: simulatorAdmin(server.url), stop: () => server.stop() }
}
