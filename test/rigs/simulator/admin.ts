import type { AccountInput, CredentialChange, CredentialInput, CredentialView } from './accounts.ts'
import type { ArmedFault, FaultInput } from './faults.ts'
import type { JournalEntry } from './journal.ts'
import type { Settings, SettingsInput } from './settings.ts'
import type { SinkChange, SinkView, SubscriptionView } from './sink-administration.ts'
import type { StatisticsView } from './statistics.ts'
import type { ResetPart } from './world.ts'

interface AccountList {
  readonly sids: string[]
  readonly credentials: CredentialView[]
}

/** The administration of a simulator, in this process or another. Each call rejects when it is refused. */
export interface SimulatorAdmin {
  settings(): Promise<Settings>
  /** Changes the named settings. */
  change(settings: SettingsInput): Promise<Settings>
  /** Replaces all settings; what is not named gets its default. */
  replaceSettings(settings: SettingsInput): Promise<Settings>
  faults(): Promise<ArmedFault[]>
  addFault(rule: FaultInput): Promise<ArmedFault>
  removeFault(id: string): Promise<void>
  clearFaults(): Promise<void>
  /** Puts the named parts, or everything, back to the start. */
  reset(only?: readonly ResetPart[]): Promise<void>
  statistics(): Promise<StatisticsView>
  /** The requests to the API after a sequence number, oldest first. */
  journal(since?: number): Promise<JournalEntry[]>
  sinks(): Promise<SinkView[]>
  sink(sid: string): Promise<SinkView | undefined>
  changeSink(sid: string, change: SinkChange): Promise<SinkView>
  /** Deletes a sink and its subscriptions outside the API. */
  deleteSink(sid: string): Promise<void>
  subscriptions(): Promise<SubscriptionView[]>
  accounts(): Promise<AccountList>
  addAccount(account: AccountInput): Promise<AccountList>
  addCredential(credential: CredentialInput): Promise<CredentialView>
  changeCredential(username: string, change: CredentialChange): Promise<CredentialView>
  revokeCredential(username: string): Promise<CredentialView>
}

/** @param url the simulator's own, without a path */
export function simulatorAdmin(url: string): SimulatorAdmin {
  // The answers are those of administration.ts, which this file's types describe; both change together.
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
    const response = await fetch(`${url}/_simulator/${path}`, init)
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} /_simulator/${path}: ${response.status} ${text}`)
    return JSON.parse(text) as T
  }
  const sinks = (): Promise<SinkView[]> => call('GET', 'sinks')

  return {
    settings: () => call('GET', 'settings'),
    change: (settings) => call('PATCH', 'settings', settings),
    replaceSettings: (settings) => call('PUT', 'settings', settings),
    faults: () => call('GET', 'faults'),
    addFault: (rule) => call('POST', 'faults', rule),
    removeFault: (id) => call('DELETE', `faults/${id}`),
    clearFaults: () => call('DELETE', 'faults'),
    reset: (only) => call('POST', 'reset', { only }),
    statistics: () => call('GET', 'statistics'),
    journal: (since = 0) => call('GET', `journal?since=${since}`),
    sinks,
    sink: async (sid) => (await sinks()).find((sink) => sink.sid === sid),
    changeSink: (sid, change) => call('PATCH', `sinks/${sid}`, change),
    deleteSink: (sid) => call('DELETE', `sinks/${sid}`),
    subscriptions: () => call('GET', 'subscriptions'),
    accounts: () => call('GET', 'accounts'),
    addAccount: (account) => call('POST', 'accounts', account),
    addCredential: (credential) => call('POST', 'credentials', credential),
    changeCredential: (username, change) => call('PATCH', `credentials/${username}`, change),
    revokeCredential: (username) => call('DELETE', `credentials/${username}`),
  }
}
