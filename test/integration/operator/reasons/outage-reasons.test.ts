import { afterAll, beforeAll, describe, it } from 'vitest'
import { recorded } from '../../gitops/recorded.ts'
import { ready, setStage, sink, type Stage } from '../stage.ts'
import { atTwilio } from './at-twilio.ts'
import { deleteAtTwilio } from './command.ts'
import { titled } from './each-reason.ts'
import { isGone, type Reason } from './reason.ts'
import { showAndFix } from './show-and-fix.ts'

let stage: Stage
beforeAll(async () => {
  stage = await recorded(await setStage({ name: 'outage', settings: { sinkLimit: 3 } }))
})
afterAll(() => stage.end())

const outage = () => stage.simulator.admin.addFault({ kind: 'answer', status: 503, match: {} })
const elsewhere = () => stage.simulator.admin.clearFaults()
const SILENT = {
  who: 'nobody',
  fix: 'The operator goes on by itself when Twilio, or the network in between, is back. The test waits for that.',
  elsewhere,
} as const
/** The message names what it is. */
const IN_THE_WAY = {
  who: 'network',
  fix: '# kubectl describe twilioaccount NAME says why. If Twilio is down: wait; else fix what it names: --twilio-base-url, DNS, an egress rule, a proxy, a certificate',
  elsewhere,
} as const
const UNREACHABLE =
  'The operator has not been able to list the account at Twilio for three polls: Twilio has not answered, or something else than a list came back. The TwilioAccount says what. Until then `Ready` stays as it was. The operator creates and deletes nothing.'

/** One after the other: an outage is everybody's. */
const REASONS: readonly Reason[] = [
  {
    ...IN_THE_WAY,
    kind: 'sinks',
    name: 'cut-off',
    shows: { Ready: 'TwilioUnreachable' },
    when: UNREACHABLE,
    provoke: async () => {
      await stage.apply(sink('cut-off'))
      await ready(stage, 'cut-off')
      await outage()
    },
  },
  {
    ...IN_THE_WAY,
    kind: 'twilioaccounts',
    name: 'default',
    shows: { Ready: 'TwilioUnreachable' },
    when: UNREACHABLE,
    provoke: outage,
  },
  {
    ...IN_THE_WAY,
    kind: 'sinks',
    name: 'cut-off',
    shows: { DeletionBlocked: 'TwilioUnreachable' },
    when: 'The object is being deleted, and Twilio cannot be listed. A failed call never counts as a deletion.',
    provoke: async () => {
      await outage()
      await stage.kubectl(['delete', 'sink', 'cut-off', '--wait=false'])
    },
    healed: isGone,
  },
  {
    ...SILENT,
    kind: 'sinks',
    name: 'unseen',
    shows: { Ready: 'NotYetObserved' },
    when: 'The operator does not know yet what Twilio has for this Sink. The message says what it waits for: the first LIST with the present key, or the proof that there is no sink. It also says how long that takes at most, or until when nothing is created.',
    provoke: async () => {
      await stage.operator().stop()
      await outage()
      // After three polls it says TwilioUnreachable.
      await stage.restart({ 'poll-interval': '20s' })
      await stage.apply(sink('unseen'))
    },
  },
  {
    kind: 'sinks',
    name: 'one-too-many',
    shows: { Ready: 'QuotaExceeded' },
    when: 'The account has no room for another sink (Twilio allows 100). The operator tries again as soon as there is room.',
    who: 'twilio',
    fix: deleteAtTwilio('Sinks/SINK_SID'),
    provoke: async () => {
      await atTwilio(stage).make('not needed', 'https://a.example.com')
      await atTwilio(stage).make('not needed', 'https://b.example.com')
      await stage.apply(sink('one-too-many'))
    },
    fillIn: async () => {
      const all = await stage.simulator.admin.sinks()
      return { SINK_SID: all.find(({ description }) => description === 'not needed')?.sid ?? '' }
    },
  },
]

describe('what an outage, and a full account, do', () => {
  it.each(titled(REASONS))('$shown is explained in its section, and goes when it is over', ({ reason }) =>
    showAndFix(stage, reason),
  )
})
