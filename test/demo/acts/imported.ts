import type { DemoAct } from '../act.ts'
import { sidWhenReady, sinksSeenAtTwilio } from '../expectations.ts'
import { filledSample, sampleFile } from '../samples.ts'
import { mustBe } from '../waiting.ts'

const DESCRIPTION = 'Made by hand in the Console'

export const imported: DemoAct = {
  title: '7  A Sink imports a sink that was created by hand',
  steps: [
    {
      shows: 'the Sink legacy takes over the sink',
      see: async (stage) => {
        stage.timeline.say(`twilio.sinks.create({ description: '${DESCRIPTION}', … })`)
        const { sid } = await stage.twilio.sinks.create({
          description: DESCRIPTION,
          sinkType: 'webhook',
          sinkConfiguration: {
            destination: 'https://legacy.example.com/twilio',
            method: 'POST',
            batch_events: false,
          },
        })
        const yaml = await filledSample('import', { DG00000000000000000000000000000001: sid })
        await stage.kubectl.apply(yaml, sampleFile('import'))
        mustBe('SID of legacy', sid, await sidWhenReady(stage, 'legacy'))
        stage.memory.set('SID of legacy', sid)
        return sid
      },
    },
    {
      shows: 'nothing changed at Twilio: four sinks, the imported one without a mark',
      see: async (stage) => {
        await sinksSeenAtTwilio(stage, 4)
        const sid = stage.memory.get('SID of legacy') ?? ''
        const { description } = await stage.twilio.sinks(sid).fetch()
        mustBe(`description of ${sid}`, DESCRIPTION, description)
        return ''
      },
    },
  ],
}
