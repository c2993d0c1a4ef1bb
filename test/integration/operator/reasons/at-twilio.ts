import twilio from 'twilio'
import { until } from '../../../rigs/until.ts'
import { type Stage } from '../stage.ts'

/** Somebody at Twilio, through the official library. */
export function atTwilio(stage: Stage) {
  const library = twilio(stage.accountSid, stage.token)
  library.events.baseUrl = stage.simulator.url
  const { sinks, subscriptions } = library.events.v1
  return {
    sinks,
    subscriptions,
    make: async (description: string, destination: string): Promise<string> => {
      const sinkConfiguration = { destination, method: 'POST', batch_events: false }
      return (await sinks.create({ description, sinkType: 'webhook', sinkConfiguration })).sid
    },
    subscribe: async (sinkSid: string): Promise<string> => {
      const types = [{ type: 'com.twilio.messaging.message.sent', schema_version: 1 }]
      return (await subscriptions.create({ description: 'test', sinkSid, types })).sid
    },
  }
}

/** A new object is created by what the last LIST showed: what was made at Twilio must have been in one. */
export async function untilListed(stage: Stage): Promise<void> {
  const since = Date.now()
  await until('two LISTs', async () => {
    const entries = await stage.simulator.admin.journal()
    const later = entries.filter(
      ({ operation, startedAt, status }) => operation === 'ListSink' && status === 200 && startedAt > since,
    )
    return later.length >= 2
  })
}
