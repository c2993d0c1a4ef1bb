import { API_GROUP_VERSION, GROUP } from '../api/group.ts'
import type { PartialObject, Unreadable } from '../api/parse.ts'
import { parseSink, type Sink } from '../api/sink.ts'
import { parseTwilioAccount, type TwilioAccount } from '../api/twilio-account.ts'
import type { Resource } from './client/call.ts'

/** A kind of ours: where the API server serves it, and how an object of it is read. */
export interface ServedKind<T> {
  readonly resource: Resource
  readonly parse: (value: unknown) => { readonly ok: true; readonly object: T } | Unreadable<PartialObject<T>>
}

export const SINKS: ServedKind<Sink> = {
  resource: { group: GROUP, version: API_GROUP_VERSION, plural: 'sinks' },
  parse: (value) => {
    const read = parseSink(value)
    return read.ok ? { ok: true, object: read.sink } : read
  },
}

export const ACCOUNTS: ServedKind<TwilioAccount> = {
  resource: { group: GROUP, version: API_GROUP_VERSION, plural: 'twilioaccounts' },
  parse: (value) => {
    const read = parseTwilioAccount(value)
    return read.ok ? { ok: true, object: read.account } : read
  },
}
