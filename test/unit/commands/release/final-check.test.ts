import { describe, expect, test } from 'vitest'
import { CommandError } from '../../../../src/commands/command-options.ts'
import { removeReturnedMarks, finalCheck } from '../../../../src/commands/release/final-check.ts'
import { TwilioFailure } from '../../../../src/sink/failure.ts'
import { markedDescription, objectPart } from '../../../../src/sink/ownership-mark.ts'
import { fakeTwilio, type FakeTwilio } from '../../reconciler/fake-twilio.ts'
import { fakeRelease, RELEASED_INSTALLATION, type FakeRelease } from './fake-release.ts'

const sid = (digit: string): string => `DG${digit.repeat(32)}`
const markOf = (object: string) => ({ installation: 'abcdef', object: objectPart(object), number: 1 })

async function look(
  released: readonly { readonly object: string; readonly sid: string }[],
  {
    listed,
    present = markedDescription('Orders', markOf('shop/orders')),
  }: { listed?: string; present?: string } = {},
) {
  const twilio = fakeTwilio()
  const sink = {
    sinkType: 'webhook',
    status: 'active',
    configuration: {},
    dateCreated: '',
    dateUpdated: '',
    url: '',
  }
  twilio.sinks.set(sid('1'), { ...sink, sid: sid('1'), description: present })
  const api = twilio.connect({ name: 'shop/default' }, { username: '', password: '' })
  const seen = { accountSid: '', key: '', digest: '', proven: true, sinks: new Map() }
  if (listed !== undefined) twilio.listed = () => [{ ...sink, sid: sid('1'), description: listed }]
  const outcome = await removeReturnedMarks({ api, seen }, released, () => true)
  return { ...outcome, description: twilio.sinks.get(sid('1'))?.description, before: present }
}

const ACCOUNT = `AC${'1'.repeat(32)}`
const ELSEWHERE = `AC${'2'.repeat(32)}`
const sidOf = ({ release }: FakeRelease, name: string): string =>
  release.scope.sinks.find(({ metadata }) => metadata.name === name)?.status.sid ?? ''

/** The last look at what carries its marks still, as if they had come back. */
async function looked(fake: FakeRelease, spoil: (twilio: FakeTwilio, accountSid: string) => void) {
  const { sinks } = fake.release.scope
  for (const sink of sinks) await fake.release.twilio.open(sink)
  const released = sinks.map(({ metadata: { name }, status: { sid = '' } }) => ({
    ...{ object: `shop/${name}`, sid, outcome: '', released: true },
  }))
  for (const [accountSid, twilio] of fake.twilio) spoil(twilio, accountSid)
  return finalCheck(fake.release, released)
}

describe('after a release', () => {
  test('a mark that has come back goes', async () => {
    const { again, marked, description } = await look([{ object: 'shop/orders', sid: sid('1') }])
    expect({ again, marked, description }).toEqual({ again: [sid('1')], marked: [], description: 'Orders' })
  })

  test('the mark of an object that stays is left, although a released one has recorded the same sink', async () => {
    const { again, marked, description, before } = await look([{ object: 'shop/copy', sid: sid('1') }])
    expect({ again, marked, description }).toEqual({ again: [], marked: [sid('1')], description: before })
  })

  test('what somebody has written since the LIST stays', async () => {
    const listed = markedDescription('As listed', markOf('shop/orders'))
    const { again, description } = await look([{ object: 'shop/orders', sid: sid('1') }], { listed })
    expect({ again, description }).toEqual({ again: [sid('1')], description: 'Orders' })
  })

  test('a mark that somebody has taken out since the LIST is not told of', async () => {
    const listed = markedDescription('Orders', markOf('shop/orders'))
    const { again, marked, description } = await look([{ object: 'shop/orders', sid: sid('1') }], {
      listed,
      present: 'Mine now',
    })
    expect({ again, marked, description }).toEqual({ again: [], marked: [], description: 'Mine now' })
  })

  test("one sink's trouble does not stop the look at the others", async () => {
    const fake = fakeRelease([
      { name: 'orders', accountSid: ACCOUNT },
      { name: 'returns', accountSid: ACCOUNT },
    ])
    const rows = await looked(fake, (twilio) => {
      const [first] = twilio.sinks.keys()
      const fetchOf = twilio.sinks.get.bind(twilio.sinks)
      twilio.sinks.get = (one) => {
        if (one === first) throw new TwilioFailure({ kind: 'transient', message: 'not now' })
        return fetchOf(one)
      }
    })
    expect(rows).toMatchObject([{ sid: sidOf(fake, 'orders'), released: false }])
    expect(fake.told).toHaveLength(1)
    expect(fake.told[0]).toContain(sidOf(fake, 'returns'))
  })

  test('one that fails makes the release an incomplete one, and says what to look for', async () => {
    const fake = fakeRelease([
      { name: 'orders', accountSid: ACCOUNT },
      { name: 'returns', accountSid: ELSEWHERE },
    ])
    const rows = await looked(fake, (twilio, accountSid) => {
      if (accountSid === ACCOUNT) twilio.failing.set('list', 'transient')
    })
    expect(rows).toMatchObject([{ object: expect.stringContaining(ACCOUNT), released: false }])
    expect(rows[0]?.outcome).toContain(`[k8s:${RELEASED_INSTALLATION}/`)
    expect(fake.told, 'the other account is looked at all the same').toHaveLength(1)
  })

  test('an account of which the marks are not known is a row, too', async () => {
    const fake = fakeRelease([{ name: 'orders', accountSid: ACCOUNT }])
    await fake.release.twilio.open(fake.release.scope.sinks[0]!)
    const settingsFor = () => {
      throw new CommandError('which installation is it?')
    }
    const rows = await finalCheck({ ...fake.release, settingsFor }, [])
    expect(rows).toMatchObject([{ object: expect.stringContaining(ACCOUNT), released: false }])
  })
})
