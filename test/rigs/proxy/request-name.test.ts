import { expect, test } from 'vitest'
import type { Side } from './exchange.ts'
import { lineName, requestName } from './request-name.ts'

const OURS = '/apis/events.twilio.com/v1alpha1/namespaces/shop'

test.each<[Side, string, string, string]>([
  ['kubernetes', 'GET', `${OURS}/sinks?limit=500`, 'kubernetes:LIST:sinks'],
  ['kubernetes', 'GET', `${OURS}/sinks?limit=1`, 'kubernetes:CHECK:sinks'],
  ['kubernetes', 'GET', `${OURS}/sinks?watch=true&resourceVersion=7`, 'kubernetes:WATCH:sinks'],
  ['kubernetes', 'GET', '/apis/events.twilio.com/v1alpha1/sinks?limit=500', 'kubernetes:LIST:sinks'],
  ['kubernetes', 'GET', `${OURS}/sinks/orders`, 'kubernetes:GET:sinks'],
  ['kubernetes', 'PATCH', `${OURS}/sinks/orders?fieldManager=a`, 'kubernetes:PATCH:sinks'],
  ['kubernetes', 'PATCH', `${OURS}/sinks/orders/status`, 'kubernetes:PATCH:sinks.status'],
  ['kubernetes', 'GET', '/api/v1/namespaces/shop/secrets/twilio', 'kubernetes:GET:secrets'],
  ['kubernetes', 'GET', '/api/v1/namespaces/kube-system', 'kubernetes:GET:namespaces'],
  [
    'kubernetes',
    'PUT',
    '/apis/coordination.k8s.io/v1/namespaces/shop/leases/operator',
    'kubernetes:PUT:leases',
  ],
  ['kubernetes', 'POST', '/apis/events.k8s.io/v1/namespaces/shop/events', 'kubernetes:POST:events'],
  ['kubernetes', 'GET', '/apis/events.twilio.com/v1alpha1', 'kubernetes:GET:discovery'],
  ['kubernetes', 'GET', '/openapi/v3/apis/events.twilio.com/v1alpha1', 'kubernetes:GET:openapi'],
  ['twilio', 'GET', '/v1/Sinks?PageSize=1000', 'twilio:LIST:Sinks'],
  ['twilio', 'POST', '/v1/Sinks', 'twilio:CREATE:Sinks'],
  ['twilio', 'GET', '/v1/Sinks/DG1', 'twilio:FETCH:Sinks'],
  ['twilio', 'POST', '/v1/Sinks/DG1', 'twilio:UPDATE:Sinks'],
  ['twilio', 'DELETE', '/v1/Sinks/DG1', 'twilio:DELETE:Sinks'],
  ['twilio', 'POST', '/v1/Sinks/DG1/Test', 'twilio:TEST:Sinks'],
  ['twilio', 'GET', '/v1/Subscriptions?PageSize=1000', 'twilio:LIST:Subscriptions'],
])('%s: %s %s is %s', (side, method, target, name) => {
  expect(requestName(side, method, target)).toBe(name)
})

test.each([
  ['{"type":"ADDED","object":{}}', 'kubernetes:EVENT:sinks'],
  ['{"type":"BOOKMARK","object":{}}', 'kubernetes:BOOKMARK:sinks'],
])('the line %s is %s', (line, name) => {
  expect(lineName('kubernetes:WATCH:sinks', line)).toBe(name)
})
