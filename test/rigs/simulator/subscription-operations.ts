import { Refusal, codes } from './errors.ts'
import { readEventTypes } from './event-types.ts'
import { missing, required } from './form.ts'
import { findSink, findSubscription, isoSeconds, pageUrl, type Call, type Operation } from './operation.ts'
import { pageOf } from './paging.ts'
import type { SinkRecord, SubscriptionRecord } from './store.ts'

export const createSubscription: Operation = (call) => {
  const { form, settings, store } = call
  if (!form.has('Description')) throw missing('Description', settings)
  const description = filledDescription(form.get('Description'))
  const sinkSid = required(form, 'SinkSid', settings)
  const types = readEventTypes(form, settings)
  checkSink(call, findSink(call, sinkSid))
  if (store.subscriptions.size >= settings.subscriptionLimit) {
    const message = `Limit of ${settings.subscriptionLimit} subscriptions is reached`
    throw new Refusal(settings.limitStatus, codes.limitReached, message)
  }
  const subscription = store.addSubscription({ sinkSid, description, types })
  return { status: 201, body: subscriptionAnswer(subscription, call), sid: subscription.sid }
}

function checkSink({ settings, store }: Call, sink: SinkRecord): void {
  if (sink.status !== 'active')
    throw new Refusal(400, codes.sinkNotActive, `Sink with SID ${sink.sid} is not active`)
  if (settings.secondSubscription === 'refused' && store.usersOf(sink.sid).length > 0) {
    throw new Refusal(400, settings.secondSubscriptionCode, `Sink with SID ${sink.sid} is in use`)
  }
}

export const listSubscriptions: Operation = (call) => {
  const { query, settings, store, listLagMs } = call
  const sinkSid = query.get('SinkSid')
  const found = store.subscriptions.values(listLagMs).filter((s) => sinkSid === null || s.sinkSid === sinkSid)
  const page = pageOf(found, { url: pageUrl(call), query, key: 'subscriptions', settings })
  const subscriptions = page.items.map((subscription) => subscriptionAnswer(subscription, call))
  return { status: 200, body: { subscriptions, meta: page.meta } }
}

export const fetchSubscription: Operation = (call) => {
  const subscription = findSubscription(call, call.fetchLagMs)
  return { status: 200, body: subscriptionAnswer(subscription, call) }
}

/** Only the description can change; `SinkSid` was a parameter once. */
export const updateSubscription: Operation = (call) => {
  const { form, settings, store } = call
  const subscription = findSubscription(call)
  if (form.has('SinkSid') && settings.sinkSidOnSubscriptionUpdate === 'refused') {
    throw new Refusal(400, codes.badParameter, 'SinkSid cannot be changed')
  }
  const description = filledDescription(form.get('Description') ?? subscription.description)
  return {
    status: 200,
    body: subscriptionAnswer(store.changeSubscription(subscription, { description }), call),
  }
}

/** The sink stays, and stays as it is. */
export const deleteSubscription: Operation = (call) => {
  call.store.subscriptions.delete(findSubscription(call).sid)
  return { status: 204 }
}

function filledDescription(description: string | null): string {
  if (!description) throw new Refusal(400, codes.subscriptionRefused, 'Description is empty')
  return description
}

function subscriptionAnswer(subscription: SubscriptionRecord, { accountSid, origin }: Call): object {
  const url = `${origin}/v1/Subscriptions/${subscription.sid}`
  return {
    account_sid: accountSid,
    sid: subscription.sid,
    sink_sid: subscription.sinkSid,
    description: subscription.description,
    date_created: isoSeconds(subscription.createdAt),
    date_updated: isoSeconds(subscription.updatedAt),
    url,
    links: { subscribed_events: `${url}/SubscribedEvents` },
  }
}
