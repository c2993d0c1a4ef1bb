import { describe, expect, test } from 'vitest'
import { lastLook } from '../../../src/commands/releasing/last-look.ts'
import { markedDescription, objectPart } from '../../../src/sink/ownership-mark.ts'
import { fakeTwilio } from '../reconciler/fake-twilio.ts'

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
  const seen = { accountSid: '', key: '', proven: true, sinks: new Map() }
  if (listed !== undefined) twilio.listed = () => [{ ...sink, sid: sid('1'), description: listed }]
  const outcome = await lastLook({ api, seen }, released, () => true)
  return { ...outcome, description: twilio.sinks.get(sid('1'))?.description, before: present }
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
})
