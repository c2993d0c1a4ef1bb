import { afterAll, beforeAll, describe, it } from 'vitest'
import { condition, ready, setStage, sink, type SinkObject, type Stage } from '../stage.ts'
import { atTwilio } from './at-twilio.ts'
import { showAndMend, type Reason } from './reason.ts'

let stage: Stage
beforeAll(async () => {
  stage = await setStage({ name: 'outage', settings: { sinkLimit: 3 } })
})
afterAll(() => stage.end())

const outage = (s: Stage) => s.simulator.admin.addFault({ kind: 'answer', status: 503, match: {} })
const answers = (s: Stage) => s.simulator.admin.clearFaults()
const MENDED = ['# at Twilio, or in the network between: it goes on by itself']

/** One after the other: an outage is everybody's. */
const REASONS: readonly Reason[] = [
  {
    type: 'Ready',
    reason: 'TwilioUnreachable',
    kind: 'sinks',
    name: 'cut-off',
    when: 'Twilio has not answered for three polls. Until then the last known Ready is kept. Nothing is created or deleted.',
    mend: MENDED,
    provoke: async (s) => {
      await s.apply(sink('cut-off'))
      await ready(s, 'cut-off')
      await outage(s)
    },
    mendElsewhere: answers,
  },
  {
    type: 'Ready',
    reason: 'TwilioUnreachable',
    kind: 'twilioaccounts',
    name: 'default',
    when: 'Twilio has not answered for three polls. Until then the last known Ready is kept. Nothing is created or deleted.',
    mend: MENDED,
    provoke: outage,
    mendElsewhere: answers,
    healed: (object: SinkObject | undefined) => condition(object, 'Ready')?.status === 'True',
  },
  {
    type: 'DeletionBlocked',
    reason: 'TwilioUnreachable',
    kind: 'sinks',
    name: 'cut-off',
    when: 'The object is to be deleted while Twilio does not answer. A failure never counts as a deletion.',
    mend: MENDED,
    provoke: async (s) => {
      await outage(s)
      await s.kubectl(['delete', 'sink', 'cut-off', '--wait=false'])
    },
    mendElsewhere: answers,
    healed: (object) => object === undefined,
  },
  {
    type: 'Ready',
    reason: 'NotYetObserved',
    kind: 'sinks',
    name: 'unseen',
    when: 'Nothing is known of the account since the operator started: its first LIST has not been answered yet.',
    mend: MENDED,
    provoke: async (s) => {
      await s.operator().stop()
      await outage(s)
      await s.restart()
      await s.apply(sink('unseen'))
    },
    mendElsewhere: answers,
  },
  {
    type: 'Ready',
    reason: 'QuotaExceeded',
    kind: 'sinks',
    name: 'one-too-many',
    when: 'The account has no room for another sink (Twilio allows 100). It is tried again as soon as there is room.',
    mend: ['# at Twilio: delete a sink that is not needed'],
    provoke: async (s) => {
      await atTwilio(s).make('not needed', 'https://a.example.com')
      await atTwilio(s).make('not needed', 'https://b.example.com')
      await s.apply(sink('one-too-many'))
    },
    mendElsewhere: async (s) => {
      const [one] = (await s.simulator.admin.sinks()).filter(
        ({ description }) => description === 'not needed',
      )
      await s.simulator.admin.deleteSink(one?.sid ?? '')
    },
  },
]

describe('each reason of an outage', () => {
  it.each(REASONS)('$type $reason on $kind is explained on its page, and goes when it is over', (one) =>
    showAndMend(stage, one),
  )
})
