import { describe, expect, test } from 'vitest'
import { finalCheck } from '../../../../src/commands/release/final-check.ts'
import { TwilioFailure } from '../../../../src/external/failure.ts'
import { markedDescription, objectPart } from '../../../../src/external/ownership-mark.ts'
import type { FakeTwilio } from '../../reconciler/fake-twilio.ts'
import { fakeRelease, RELEASED_INSTALLATION, type FakeRelease } from './fake-release.ts'

const ACCOUNT = `AC${'1'.repeat(32)}`
const ELSEWHERE = `AC${'2'.repeat(32)}`
const sidOf = ({ release }: FakeRelease, name: string): string =>
  release.scope.sinks.objects.find(({ metadata }) => metadata.name === name)?.status.sid ?? ''

/** The last look at what carries its marks still, as if they had come back. */
async function looked(fake: FakeRelease, spoil: (twilio: FakeTwilio, accountSid: string) => void) {
  const { objects: sinks } = fake.release.scope.sinks
  for (const sink of sinks) await fake.release.accounts.open(sink)
  const released = sinks.map(({ metadata: { name }, status: { sid = '' } }) => ({
    ...{ object: `shop/${name}`, sid, outcome: '', released: true },
  }))
  for (const [accountSid, twilio] of fake.twilio) spoil(twilio, accountSid)
  return finalCheck(fake.release, released)
}

interface Change {
  readonly listed?: string
  readonly present?: string
}

/** One sink, that of `orders`. */
async function lookedAtOne({ listed, present }: Change) {
  const fake = fakeRelease([{ name: 'orders', accountSid: ACCOUNT }])
  const mark = { installation: RELEASED_INSTALLATION, object: objectPart('shop/orders'), number: 1 }
  const rows = await looked(fake, (twilio) => {
    for (const [sid, sink] of twilio.sinks) {
      twilio.sinks.set(sid, { ...sink, description: present ?? markedDescription('Orders', mark) })
      if (listed !== undefined)
        twilio.listed = () => [{ ...sink, description: markedDescription(listed, mark) }]
    }
  })
  const [after] = [...(fake.twilio.get(ACCOUNT)?.sinks.values() ?? [])]
  return { rows, told: fake.told, description: after?.description }
}

describe('after a release', () => {
  test('a mark that has come back goes', async () => {
    const { rows, told, description } = await lookedAtOne({})
    expect({ rows, description }).toEqual({ rows: [], description: 'Orders' })
    expect(told).toEqual([expect.stringContaining('come back')])
  })

  test('the mark of an object that stays is left, although a released one has recorded the same sink', async () => {
    const fake = fakeRelease([{ name: 'orders', accountSid: ACCOUNT }])
    for (const sink of fake.release.scope.sinks.objects) await fake.release.accounts.open(sink)
    const released = { object: 'shop/copy', sid: sidOf(fake, 'orders'), outcome: '', released: true }
    expect(await finalCheck(fake.release, [released])).toEqual([])
    const [left] = fake.twilio.get(ACCOUNT)?.sinks.values() ?? []
    expect(left?.description).toContain('[k8s:')
    expect(fake.told).toEqual([expect.stringContaining('left as it is')])
  })

  test('what somebody has written since the LIST stays', async () => {
    const { told, description } = await lookedAtOne({ listed: 'As listed' })
    expect({ told: told.length, description }).toEqual({ told: 1, description: 'Orders' })
  })

  test('a mark that somebody has taken out since the LIST is not told of', async () => {
    const { rows, told, description } = await lookedAtOne({ listed: 'Orders', present: 'Mine now' })
    expect({ rows, told, description }).toEqual({ rows: [], told: [], description: 'Mine now' })
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
})
