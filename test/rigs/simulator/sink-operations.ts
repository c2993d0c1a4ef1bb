import { readConfiguration } from './configuration.ts'
import { Refusal, codes } from './errors.ts'
import { required } from './form.ts'
import { findSink, pageUrl, type Answer, type Call, type Operation } from './operation.ts'
import { pageOf } from './paging.ts'
import { sinkAnswer } from './sink-answer.ts'

export const createSink: Operation = (call) => {
  const { form, settings, store } = call
  const description = filledDescription(call)
  const text = required(form, 'SinkConfiguration', settings)
  const sinkType = required(form, 'SinkType', settings)
  const configuration = readConfiguration(sinkType, text, settings)
  if (store.sinks.size >= settings.sinkLimit) {
    throw new Refusal(
      settings.limitStatus,
      codes.limitReached,
      `Limit of ${settings.sinkLimit} sinks is reached`,
    )
  }
  const status = settings.statusAfterCreateByType[sinkType] ?? settings.statusAfterCreate
  const sink = store.addSink({ description, sinkType, configuration, status })
  return { status: 201, body: sinkAnswer(sink, call), sid: sink.sid }
}

/** `InUse` and `Status` filter; a status word that no sink has finds nothing. */
export const listSinks: Operation = (call) => {
  const { query, settings, store, listLagMs } = call
  const status = query.get('Status')
  const inUse = query.get('InUse')?.toLowerCase()
  const used = new Set(store.subscriptions.values(listLagMs).map((subscription) => subscription.sinkSid))
  const found = store.sinks
    .values(listLagMs)
    .filter((sink) => status === null || sink.status === status)
    .filter((sink) => !isBoolean(inUse) || used.has(sink.sid) === (inUse === 'true'))
  const listed = found.slice(0, Math.ceil(found.length * settings.listedShare))
  const page = pageOf(listed, { url: pageUrl(call), query, key: 'sinks', settings })
  return { status: 200, body: { sinks: page.items.map((sink) => sinkAnswer(sink, call)), meta: page.meta } }
}

export const fetchSink: Operation = (call) => ok(call, findSink(call, call.sid, call.fetchLagMs))

/** Only the description can change; other parameters are ignored. */
export const updateSink: Operation = (call) => {
  const sink = findSink(call, call.sid)
  return ok(call, call.store.changeSink(sink, { description: filledDescription(call) }))
}

export const deleteSink: Operation = (call) => {
  const sink = findSink(call, call.sid)
  if (call.store.usersOf(sink.sid).length > 0) {
    throw new Refusal(call.settings.inUseStatus, codes.sinkInUse, `Sink with SID ${sink.sid} is in use`)
  }
  call.store.sinks.delete(sink.sid)
  return { status: 204 }
}

/**
 * Sends a test event; only the newest test id counts. In the legacy flow the sink is `validating` from now on; today
 * nothing of it shows, its date of change neither.
 */
export const testSink: Operation = (call) => {
  const sink = { ...findSink(call, call.sid), testId: call.newTestId() }
  if (call.settings.validation === 'legacy') call.store.changeSink(sink, { status: 'validating' })
  else call.store.sinks.set(sink.sid, sink)
  return { status: 201, body: { result: 'submitted' } }
}

/** Today any test id is valid; in the legacy flow only the newest is, and it makes the sink active. */
export const validateSink: Operation = (call) => {
  const sink = findSink(call, call.sid)
  const testId = required(call.form, 'TestId', call.settings)
  if (call.settings.validation === 'legacy') {
    if (sink.testId === null) throw new Refusal(400, codes.noTestEvent, 'No test event was sent to this sink')
    if (sink.testId !== testId) throw new Refusal(400, codes.wrongTestId, 'The test id is not the newest one')
    call.store.changeSink(sink, { status: 'active' })
  }
  return { status: 201, body: { result: 'valid' } }
}

function filledDescription({ form, settings }: Call): string {
  const description = required(form, 'Description', settings)
  if (description === '') throw new Refusal(400, codes.sinkRefused, 'Description is empty')
  return description
}

function ok(call: Call, sink: Parameters<typeof sinkAnswer>[0]): Answer {
  return { status: 200, body: sinkAnswer(sink, call) }
}

function isBoolean(text: string | undefined): boolean {
  return text === 'true' || text === 'false'
}
