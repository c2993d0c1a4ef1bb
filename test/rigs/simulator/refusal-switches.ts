import { refusal, repeated, type SwitchRow } from './switch-row.ts'

export const refusalSwitches: readonly SwitchRow[] = [
  {
    set: { inUseStatus: 409 },
    see: async ({ call, inUse }) => refusal(await call('DELETE', `/v1/Sinks/${await inUse()}`)),
    usual: [400, 91007],
    turned: [409, 91007],
  },
  {
    set: { notFoundCode: 91001 },
    see: async ({ call }) => refusal(await call('GET', `/v1/Sinks/DG${'0'.repeat(32)}`)),
    usual: [404, 20404],
    turned: [404, 91001],
  },
  {
    set: { notFoundCode: 91001 },
    see: async ({ call }) => refusal(await call('DELETE', `/v1/Subscriptions/DF${'0'.repeat(32)}`)),
    usual: [404, 20404],
    turned: [404, 91102],
  },
  {
    set: { malformedSid: 'notFound' },
    see: async ({ call }) => refusal(await call('GET', '/v1/Sinks/DG12')),
    usual: [400, 91006],
    turned: [404, 91001],
  },
  {
    set: { missingParameterCode: 21000 },
    see: async ({ create }) => refusal(await create({})),
    usual: [400, 20001],
    turned: [400, 21000],
  },
  {
    set: { sinkLimit: 2 },
    see: async ({ create }) => refusal((await repeated(3, () => create()))[2]!),
    usual: [201, undefined],
    turned: [400, 91003],
  },
  {
    set: { limitStatus: 403 },
    see: async ({ simulator, create }) => {
      await simulator.admin.change({ sinkLimit: 0 })
      return refusal(await create())
    },
    usual: [400, 91003],
    turned: [403, 91003],
  },
  {
    set: { subscriptionLimit: 1 },
    see: async ({ create, subscribe, inUse }) => {
      await inUse()
      return refusal(await subscribe((await create()).body.sid))
    },
    usual: [201, undefined],
    turned: [400, 91003],
  },
  {
    set: { secondSubscription: 'allowed' },
    see: async ({ subscribe, inUse }) => refusal(await subscribe(await inUse())),
    usual: [400, 91007],
    turned: [201, undefined],
  },
  {
    set: { secondSubscriptionCode: 20409 },
    see: async ({ subscribe, inUse }) => refusal(await subscribe(await inUse())),
    usual: [400, 91007],
    turned: [400, 20409],
  },
  {
    set: { sinkSidOnSubscriptionUpdate: 'refused' },
    see: async ({ call, create, subscribe }) => {
      const sid = (await subscribe((await create()).body.sid)).body.sid
      return (await call('POST', `/v1/Subscriptions/${sid}`, { form: { Description: 'x', SinkSid: sid } }))
        .status
    },
    usual: 200,
    turned: 400,
  },
  {
    set: { knownEventTypes: ['com.twilio.known'] },
    see: async ({ create, subscribe }) =>
      refusal(await subscribe((await create()).body.sid, ['com.twilio.other'])),
    usual: [201, undefined],
    turned: [400, 91104],
  },
  {
    set: { authFailureCode: 70051 },
    see: async ({ call }) => refusal(await call('GET', '/v1/Sinks', { as: null })),
    usual: [401, 20003],
    turned: [401, 70051],
  },
  {
    set: { permissionStatus: 401 },
    see: async ({ call, simulator }) => {
      await simulator.admin.changeCredential(`SK${'0'.repeat(32)}`, { denied: ['ListSubscription'] })
      return refusal(await call('GET', '/v1/Subscriptions', { as: `SK${'0'.repeat(32)}:demo-api-secret` }))
    },
    usual: [403, 70051],
    turned: [401, 70051],
  },
]
