import { expect, it } from 'vitest'
import { readCredential } from '../../src/account/credential.ts'
import { parseSink } from '../../src/api/sink.ts'
import { parseTwilioAccount } from '../../src/api/twilio-account.ts'
import { environmentCredential } from '../../src/commands/environment-credential.ts'
import { parseAttempt } from '../../src/external/create-attempt.ts'
import { ExternalSinkAnswer, SubscriptionAnswer } from '../../src/twilio/answers.ts'
import { accountManifest, sinkManifest, stored } from './api/objects.ts'

/** Twilio takes SIDs in either case and answers in lower case, so wherever one comes in it is brought into that form. */

const sid = (prefix: string): string => `${prefix}${'ab1c'.repeat(8)}`
const [ACCOUNT, SINK, SUBSCRIPTION, KEY] = [sid('AC'), sid('DG'), sid('DF'), sid('SK')]
const metadata = { generation: 1 }

const sink = {
  ...stored(sinkManifest('orders')),
  spec: { description: 'x', webhook: {}, deletionPolicy: 'Orphan', import: { sid: SINK } },
  status: { observedGeneration: 1, sid: SINK, accountSid: ACCOUNT, subscriptions: [SUBSCRIPTION] },
}
const account = {
  ...stored(accountManifest('default', { accountSid: ACCOUNT })),
  status: { observedGeneration: 1 },
}
const journal = { uid: 'uid', attempt: 1, accountSid: ACCOUNT, key: KEY, times: [] }
const twilioSink = { sid: SINK, sink_configuration: {} }
const subscription = { sid: SUBSCRIPTION, account_sid: ACCOUNT, sink_sid: SINK }
const secret = { TWILIO_ACCOUNT_SID: ACCOUNT, TWILIO_API_KEY: KEY, TWILIO_API_SECRET: 'secret' }

/** What comes in, and how it is read. */
const BORDERS: [name: string, value: object, read: (value: never) => unknown][] = [
  ['a Sink', sink, parseSink],
  ['a Sink that cannot be read as a whole', { ...sink, spec: { ...sink.spec, suspend: 'x' } }, parseSink],
  ['a TwilioAccount', account, parseTwilioAccount],
  [
    'a TwilioAccount that cannot be read as a whole',
    { ...account, spec: { ...account.spec, imports: 'x' } },
    parseTwilioAccount,
  ],
  ['the journal of creates', journal, (value: object) => parseAttempt(JSON.stringify(value))],
  ['a sink of Twilio', twilioSink, (value: object) => ExternalSinkAnswer.parse(value)],
  ['a subscription of Twilio', subscription, (value: object) => SubscriptionAnswer.parse(value)],
  [
    'a Secret',
    secret,
    (value: Record<string, string>) => readCredential(ACCOUNT, 'twilio', new Map(Object.entries(value))),
  ],
  ['the environment', secret, (value: Record<string, string>) => environmentCredential(value)],
]

it.each(BORDERS)(
  'reads the SIDs of %s as Twilio writes them, in whatever case they are',
  (_, value, read) => {
    const inCapitals = JSON.stringify({ metadata, ...value }).replaceAll(
      /(AC|DG|DF|SK)([0-9a-f]{32})/gu,
      (_sid, prefix: string, digits: string) => `${prefix}${digits.toUpperCase()}`,
    )
    expect(inCapitals).toContain('AB1C')
    const asWritten = read({ metadata, ...value } as never)
    expect(read(JSON.parse(inCapitals) as never)).toEqual(asWritten)
    expect(JSON.stringify(asWritten)).toContain('ab1c')
  },
)
