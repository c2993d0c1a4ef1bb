import { fingerprints, type ExternalSink } from '../../../src/external/external-sink.ts'
import { markedDescription, ownerOf } from '../../../src/external/ownership-mark.ts'
import { INSTALLATION, KEY } from './world.ts'

export const SID = `DG${'a'.repeat(32)}`
export const OTHER_SID = `DG${'b'.repeat(32)}`

/** A description as the operator writes it. */
export const marked = (number: number, key = KEY, installation = INSTALLATION, text = 'Orders'): string =>
  markedDescription(text, { ...ownerOf(installation, key), number })

/** Twilio's record of what `sinkObject` describes. */
export const external = (by: Partial<ExternalSink> = {}): ExternalSink => ({
  sid: SID,
  description: marked(1),
  sinkType: 'webhook',
  status: 'active',
  configuration: fingerprints({ destination: 'https://a.example.com/', method: 'post', batch_events: false }),
  dateCreated: '2026-11-24T11:00:00Z',
  dateUpdated: '2026-11-24T11:00:00Z',
  url: `https://events.twilio.com/v1/Sinks/${by.sid ?? SID}`,
  ...by,
})
