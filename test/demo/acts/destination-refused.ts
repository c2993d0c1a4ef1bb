import type { DemoAct } from '../act.ts'
import { sidWhenReady, specPatch } from '../expectations.ts'
import { mustBe, NotAsExpected } from '../waiting.ts'

const change = specPatch('orders', { webhook: { destination: 'https://elsewhere.example.com/twilio' } })

export const destinationRefused: DemoAct = {
  title: '4  The API server refuses a new destination, because Twilio cannot change it',
  steps: [
    {
      shows: 'kubectl shows the refusal at once, with what to do instead',
      see: async ({ kubectl, timeline }) => {
        const message = await kubectl.refused(...change)
        timeline.quote(message)
        if (!message.includes('spec.webhook.destination'))
          throw new NotAsExpected('a message that names spec.webhook.destination', message)
        return ''
      },
    },
    {
      shows: 'the sink at Twilio has not changed',
      see: async (stage) => {
        const sink = await stage.twilio.sinks(await sidWhenReady(stage, 'orders')).fetch()
        const { destination } = sink.sinkConfiguration as { destination: string }
        mustBe('destination at Twilio', 'https://warehouse.example.com/twilio', destination)
        return destination
      },
    },
  ],
}
