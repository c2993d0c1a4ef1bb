import type { DemoAct } from '../act.ts'
import { annotate, sidWhen, sidWhenReady, statusAtTwilio } from '../expectations.ts'

export const statusMirrored: DemoAct = {
  title: "2  The Sink shows Twilio's status: initialized, validating, active",
  steps: [
    {
      shows: 'call-log is initialized',
      see: async (stage) => {
        await statusAtTwilio(stage, await sidWhen(stage, 'call-log', 'Initialized'), 'initialized')
        return 'not Ready, because Twilio waits for a test event'
      },
    },
    {
      shows: 'the operator sends a test event on request, and call-log is validating',
      see: async (stage) => {
        await annotate(stage, 'call-log', `test-requested-at=${new Date().toISOString()}`)
        await statusAtTwilio(stage, await sidWhen(stage, 'call-log', 'Validating'), 'validating')
        return ''
      },
    },
    {
      shows: 'the operator validates the id from that event, and call-log is active',
      see: async (stage) => {
        const sid = await sidWhen(stage, 'call-log', 'Validating')
        // In real life the owner of the stream reads it there.
        const testId = (await stage.simulator.sink(sid))?.testId ?? ''
        await annotate(stage, 'call-log', `validate=${testId}`)
        await statusAtTwilio(stage, await sidWhenReady(stage, 'call-log'), 'active')
        return ''
      },
    },
  ],
}
