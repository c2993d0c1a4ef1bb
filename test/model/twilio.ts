import { fingerprints, type ExternalSink } from '../../src/external/external-sink.ts'
import { readMark } from '../../src/external/ownership-mark.ts'
import { SETTLE_TICKS } from './time.ts'
import type { State, TwilioSink, TwilioState } from './state.ts'

const CONFIGURATION = fingerprints({
  destination: 'https://a.example.com/',
  method: 'POST',
  batch_events: false,
})

/** Of every sink here. */
export const MODEL_DATE = '2026-11-24T11:00:00Z'

export const sidOf = (number: number): string => `DG${String(number).padStart(32, '0')}`
export const modelUrlOf = (sid: string): string => `https://events.twilio.com/v1/Sinks/${sid}`
export const shortSid = (sid: string): string => sid.replace(/^DG0+/u, 'DG')

/** As Twilio answers it. */
export const answerOf = ({ sid, description, status }: TwilioSink): ExternalSink => ({
  sid,
  description,
  sinkType: 'webhook',
  status,
  configuration: CONFIGURATION,
  dateCreated: MODEL_DATE,
  dateUpdated: '2026-11-24T11:00:00Z',
  url: modelUrlOf(sid),
})

export const exists = (sink: TwilioSink): boolean => sink.ghostUntil === undefined

export const found = (twilio: TwilioState, sid: string): TwilioSink | undefined =>
  twilio.sinks.find((sink) => sink.sid === sid && exists(sink))

export const markOf = ({ description }: { readonly description: string }) => readMark(description).mark

/** What a reader of the account sees: all that is committed, or what was so within the settle time. */
export function seenIn({ twilio, tick }: State, account: string, lagging: boolean): TwilioSink[] {
  const there = twilio.sinks.filter((sink) => sink.account === account)
  if (!lagging) return there.filter(exists)
  return there
    .filter(({ hiddenUntil }) => hiddenUntil <= tick)
    .map((sink) => (sink.before === undefined ? sink : { ...sink, description: sink.before.description }))
}

export interface NewSink {
  readonly account: string
  readonly description: string
  readonly madeFor: string
  readonly madeBy: string
  /** The tick at which the request was sent: a settle time later everybody sees it. */
  readonly sent: number
}

export function made(state: State, { sent, ...asked }: NewSink): [State, TwilioSink] {
  const number = state.twilio.made + 1
  const sink: TwilioSink = {
    ...asked,
    sid: sidOf(number),
    status: 'active',
    hiddenUntil: sent + SETTLE_TICKS,
  }
  const twilio = { ...state.twilio, made: number, sinks: [...state.twilio.sinks, sink] }
  return [{ ...state, twilio }, sink]
}

export function described(state: State, sid: string, description: string): State {
  return changedSink(state, sid, (sink) => ({
    ...sink,
    description,
    before: { description: sink.before?.description ?? sink.description, until: state.tick + SETTLE_TICKS },
  }))
}

export const removed = (state: State, sid: string): State =>
  changedSink(state, sid, (sink) => ({ ...sink, ghostUntil: state.tick + SETTLE_TICKS }))

function changedSink(state: State, sid: string, change: (sink: TwilioSink) => TwilioSink): State {
  const sinks = state.twilio.sinks.map((sink) => (sink.sid === sid && exists(sink) ? change(sink) : sink))
  return { ...state, twilio: { ...state.twilio, sinks } }
}

/** A tick later: what nobody can see any more is forgotten, and what has not taken effect never will. */
export function later(state: State): State {
  const tick = state.tick + 1
  const sinks = state.twilio.sinks
    .filter(({ ghostUntil }) => ghostUntil === undefined || ghostUntil > tick)
    .map(({ before, hiddenUntil, ...sink }) => ({
      ...sink,
      hiddenUntil: hiddenUntil > tick ? hiddenUntil : 0,
      ...(before !== undefined && before.until > tick ? { before } : {}),
    }))
  const wire = state.twilio.wire.filter(({ sent }) => sent + SETTLE_TICKS > tick)
  return { ...state, tick, twilio: { ...state.twilio, sinks, wire } }
}
