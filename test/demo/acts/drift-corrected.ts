import type { DemoAct } from '../act.ts'
import { sidWhenReady } from '../expectations.ts'

export const driftCorrected: DemoAct = {
  title: '5  Somebody changes a description at Twilio',
  steps: [
    {
      shows: 'the operator writes the description and the mark back',
      see: async (stage) => {
        const { twilio, timeline, until, memory } = stage
        const sid = await sidWhenReady(stage, 'orders')
        const wanted = memory.get('description of orders') ?? ''
        timeline.say(`twilio.sinks('${sid}').update({ description: 'Changed by hand' })`)
        await twilio.sinks(sid).update({ description: 'Changed by hand' })
        return until({
          expected: `"${wanted}" at Twilio`,
          look: async () => (await twilio.sinks(sid).fetch()).description,
          holds: (description) => description === wanted,
          tell: (description) => `"${description}"`,
        })
      },
    },
  ],
}
