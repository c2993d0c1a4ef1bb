import type { DemoAct } from '../act.ts'
import { excerpt } from '../described.ts'
import { conditionOf } from '../sink-object.ts'
import { mustBeGone, objectGone, sidWhenReady, sinkThat, statusAtTwilio } from '../expectations.ts'
import { NotAsExpected } from '../waiting.ts'

export const deletionBlocked: DemoAct = {
  title: '8  A Sink is deleted while a subscription uses it',
  steps: [
    {
      shows: 'the deletion waits, and kubectl describe says why and who can fix it',
      see: async (stage) => {
        const { kubectl, twilio, timeline, memory } = stage
        const sid = await sidWhenReady(stage, 'orders')
        timeline.say(`twilio.subscriptions.create({ sinkSid: '${sid}', … })`)
        const types = [{ type: 'com.twilio.messaging.message.sent', schema_version: 1 }]
        const subscription = await twilio.subscriptions.create({
          description: 'Orders',
          sinkSid: sid,
          types,
        })
        memory.set('SID of orders', sid).set('subscription', subscription.sid)
        await kubectl.run('delete', 'sink', 'orders', '--wait=false')
        await sinkThat(stage, 'orders', `DeletionBlocked, naming ${subscription.sid}`, (sink) => {
          const blocked = conditionOf(sink, 'DeletionBlocked')
          return blocked?.reason === 'SinkInUse' && blocked.message.includes(subscription.sid)
        })
        timeline.done('kubectl -n shop describe sink orders')
        const description = excerpt(await kubectl.read('describe', 'sink', 'orders'), 'DeletionBlocked')
        timeline.quote(description)
        if (!description.includes(subscription.sid))
          throw new NotAsExpected(`a description that names ${subscription.sid}`, description)
        await statusAtTwilio(stage, sid, 'active')
        return subscription.sid
      },
    },
    {
      shows: 'after the subscription is deleted, the operator deletes the sink, and the object is gone',
      see: async (stage) => {
        const sid = stage.memory.get('SID of orders') ?? ''
        const subscription = stage.memory.get('subscription') ?? ''
        stage.timeline.say(`twilio.subscriptions('${subscription}').remove()`)
        await stage.twilio.subscriptions(subscription).remove()
        await objectGone(stage, 'orders')
        await mustBeGone(stage, sid)
        return sid
      },
    },
  ],
}
