import { API_GROUP_VERSION, GROUP } from '../api/group.ts'
import { parseSink, type Sink } from '../api/sink.ts'
import { parseTwilioAccount, type TwilioAccount } from '../api/twilio-account.ts'
import type { Parse } from './cache/decode-object.ts'
import type { Resource } from './client/call.ts'

/** A kind of ours: where the API server serves it, and how an object of it is read. */
export interface ServedKind<T> {
  readonly resource: Resource
  readonly parse: Parse<T>
}

export const SINKS: ServedKind<Sink> = {
  resource: { group: GROUP, version: API_GROUP_VERSION, plural: 'sinks' },
  parse: parseSink,
}

export const ACCOUNTS: ServedKind<TwilioAccount> = {
  resource: { group: GROUP, version: API_GROUP_VERSION, plural: 'twilioaccounts' },
  parse: parseTwilioAccount,
}
