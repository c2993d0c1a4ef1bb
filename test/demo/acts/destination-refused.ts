import type { Act } from '../act.ts'
import { sidWhenReady, specPatch } from '../expectations.ts'
import { mustBe, NotSeen } from '../waiting.ts'

const change = specPatch('orders', { webhook: { destination: 'https://elsewhere.example.com/twilio' } })

export const destinationRefused: Act = {
  title: '4  A change of the destination is refused, for Twilio cannot change it',
  steps: [
    {
      shows: 'kubectl refuses at once and says what to do instead',
      see: async ({ kubectl, timeline }) => {
        const message = await kubectl.refused(...change)
        timeline.quote(message)
        if (!message.includes('spec.webhook.destination'))
          throw new NotSeen('a message that names spec.webhook.destination', message)
        return ''
      },
    },
    {
      shows: 'the sink is as it was',
      see: async (stage) => {
        const sink = await stage.twilio.sinks(await sidWhenReady(stage, 'orders')).fetch()
        const { destination } = sink.sinkConfiguration as { destination: string }
        mustBe('destination at Twilio', 'https://warehouse.example.com/twilio', destination)
        return destination
      },
    },
  ],
}
