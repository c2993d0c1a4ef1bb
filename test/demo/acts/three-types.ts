import type { DemoAct, ActStep } from '../act.ts'
import { markedDescription, sidWhen, sinksSeenAtTwilio } from '../expectations.ts'
import { filledSample, sampleFile } from '../samples.ts'
import type { DemoStage } from '../stage.ts'
import { API_KEY } from '../twilio-library.ts'
import { mustBe } from '../waiting.ts'

const SECRETS = { externalId: 'demo-external-id', writeKey: 'demo-write-key' }

const ROWS = [
  {
    name: 'orders',
    reason: 'Active',
    type: 'webhook',
    text: 'Orders for the warehouse',
    configuration: { destination: 'https://warehouse.example.com/twilio' },
  },
  {
    name: 'call-log',
    reason: 'Initialized',
    type: 'kinesis',
    text: 'Call events for the data lake',
    configuration: { external_id: SECRETS.externalId },
  },
  {
    name: 'marketing',
    reason: 'Active',
    type: 'segment',
    text: 'Message events for marketing',
    configuration: { write_key: SECRETS.writeKey },
  },
]

async function applySamples({ kubectl, simulator, timeline }: DemoStage): Promise<string> {
  timeline.say('The simulator is set to create kinesis sinks as initialized, as Twilio did before')
  await simulator.change({ validation: 'legacy', statusAfterCreateByType: { kinesis: 'initialized' } })
  const secrets = await filledSample('secret.example', {
    SKxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: API_KEY.sid,
    'your-api-secret': API_KEY.secret,
    'your-external-id': SECRETS.externalId,
    'your-segment-write-key': SECRETS.writeKey,
  })
  await kubectl.apply(secrets, sampleFile('secret.example'))
  for (const name of ['account', 'webhook', 'kinesis', 'segment'])
    await kubectl.run('apply', '-f', sampleFile(name))
  return ''
}

/** Names the member, not the value: two of the three are secrets. */
const created = ({ name, reason, type, text, configuration }: (typeof ROWS)[number]): ActStep => ({
  shows: `${name} is a ${type} sink at Twilio, with its ${Object.keys(configuration).join()}, mark and SID`,
  see: async (stage) => {
    const sid = await sidWhen(stage, name, reason)
    await markedDescription(stage, sid, text)
    const sink = await stage.twilio.sinks(sid).fetch()
    mustBe(`type of ${sid}`, type, sink.sinkType)
    for (const [member, value] of Object.entries(configuration))
      mustBe(`${member} of ${sid}`, value, String(sink.sinkConfiguration[member]))
    return sid
  },
})

export const threeTypes: DemoAct = {
  title: '1  The operator creates sinks of three types, two with values from a Secret',
  steps: [
    { shows: 'kubectl applies the samples', see: applySamples },
    ...ROWS.map(created),
    {
      shows: 'Twilio has exactly these three sinks, and no object shows a value of the Secret',
      see: async (stage) => {
        await sinksSeenAtTwilio(stage, ROWS.length)
        const objects = await stage.kubectl.sinks()
        const leaked = Object.values(SECRETS).filter((value) => objects.includes(value))
        mustBe('secret values in the objects', 0, leaked.length)
        return ''
      },
    },
  ],
}
