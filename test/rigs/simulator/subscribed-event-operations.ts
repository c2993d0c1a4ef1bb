import { Refusal, codes } from './errors.ts'
import { knownType } from './event-types.ts'
import { required, schemaVersion } from './form.ts'
import { findSubscription, pageUrl, type Call, type Operation } from './operation.ts'
import { pageOf } from './paging.ts'
import type { EventTypeRecord, SubscriptionRecord } from './store.ts'

export const listSubscribedEvents: Operation = (call) => {
  const { query, settings } = call
  const { types } = findSubscription(call, call.listLagMs)
  const ordered = types.map((type, order) => ({ ...type, order }))
  const page = pageOf(ordered, { url: pageUrl(call), query, key: 'types', settings })
  return { status: 200, body: { types: page.items.map((type) => eventAnswer(type, call)), meta: page.meta } }
}

export const createSubscribedEvent: Operation = (call) => {
  const subscription = findSubscription(call)
  const type = knownType(required(call.form, 'Type', call.settings), call.settings)
  if (subscription.types.some((present) => present.type === type)) {
    throw new Refusal(400, codes.subscriptionRefused, `Type ${type} is subscribed already`)
  }
  const added = { type, schemaVersion: schemaVersion(call.form) }
  call.store.changeSubscription(subscription, { types: [...subscription.types, added] })
  return { status: 201, body: eventAnswer(added, call) }
}

export const fetchSubscribedEvent: Operation = (call) => {
  const found = findEvent(call, findSubscription(call, call.fetchLagMs))
  return { status: 200, body: eventAnswer(found, call) }
}

export const updateSubscribedEvent: Operation = (call) => {
  const subscription = findSubscription(call)
  const found = findEvent(call, subscription)
  const changed = { ...found, schemaVersion: schemaVersion(call.form) }
  const types = subscription.types.map((present) => (present === found ? changed : present))
  call.store.changeSubscription(subscription, { types })
  return { status: 200, body: eventAnswer(changed, call) }
}

export const deleteSubscribedEvent: Operation = (call) => {
  const subscription = findSubscription(call)
  const found = findEvent(call, subscription)
  const types = subscription.types.filter((present) => present !== found)
  call.store.changeSubscription(subscription, { types })
  return { status: 204 }
}

function findEvent(call: Call, subscription: SubscriptionRecord): EventTypeRecord {
  const found = subscription.types.find(({ type }) => type === call.eventType)
  if (found) return found
  throw new Refusal(404, codes.notFound, `The requested resource ${call.path} was not found`)
}

function eventAnswer({ type, schemaVersion: version }: EventTypeRecord, call: Call): object {
  return {
    account_sid: call.accountSid,
    subscription_sid: call.sid,
    type,
    schema_version: version,
    url: `${call.origin}/v1/Subscriptions/${call.sid}/SubscribedEvents/${encodeURIComponent(type)}`,
  }
}
