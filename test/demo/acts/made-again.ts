import type { DemoAct } from '../act.ts'
import { conditionOf } from '../sink-object.ts'
import { markedDescription, mustBeGone, sidWhenReady, sinksSeenAtTwilio, sinkThat } from '../expectations.ts'

export const madeAgain: DemoAct = {
  title: '6  Somebody deletes a sink at Twilio',
  steps: [
    {
      shows: 'the operator makes sure that the sink is gone, then it creates it again',
      see: async (stage) => {
        const gone = await sidWhenReady(stage, 'marketing')
        stage.timeline.say(`twilio.sinks('${gone}').remove()`)
        await stage.twilio.sinks(gone).remove()
        const { status } = await sinkThat(
          stage,
          'marketing',
          `Ready with another SID than ${gone}`,
          (sink) => sink.status.sid !== gone && conditionOf(sink, 'Ready')?.status === 'True',
        )
        await markedDescription(stage, status.sid ?? '', 'Message events for marketing')
        await mustBeGone(stage, gone)
        return `${status.sid ?? ''} in place of ${gone}`
      },
    },
    {
      shows: 'Twilio has three sinks, as before',
      see: async (stage) => {
        await sinksSeenAtTwilio(stage, 3)
        return ''
      },
    },
  ],
}
