import { keyDigest } from '../../../../src/external/key-digest.ts'
import { describe, expect, test } from 'vitest'
import { CREATE_ATTEMPT_ANNOTATION } from '../../../../src/api/group.ts'
import { Sink } from '../../../../src/api/sink.ts'
import { planOf, type Plan, type SeenAccount } from '../../../../src/commands/release/plan.ts'
import type { ExternalSink } from '../../../../src/external/external-sink.ts'
import { objectPart } from '../../../../src/external/ownership-mark.ts'

const ACCOUNT = `AC${'0'.repeat(32)}`
const KEY = `SK${'0'.repeat(32)}`
const sid = (digit: string): string => `DG${digit.repeat(32)}`
const ours = ` [k8s:abcdef/${objectPart('shop/orders')}/1]`

function sink(status: Record<string, unknown> = {}, attempt?: Record<string, unknown>): Sink {
  const journal = {
    uid: 'u',
    attempt: 1,
    accountSid: ACCOUNT,
    key: KEY,
    times: ['2026-01-01T00:00:00Z'],
    ...attempt,
  }
  return Sink.parse({
    metadata: {
      name: 'orders',
      namespace: 'shop',
      uid: 'u',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      annotations: attempt === undefined ? {} : { [CREATE_ATTEMPT_ANNOTATION]: JSON.stringify(journal) },
    },
    spec: { description: 'Orders', webhook: { destination: 'https://a.example.com' } },
    status,
  })
}

const external = (digit: string, description: string): ExternalSink => ({
  sid: sid(digit),
  description,
  sinkType: 'webhook',
  status: 'active',
  configuration: {},
  dateCreated: '',
  dateUpdated: '',
  url: '',
})

const seen = (sinks: readonly ExternalSink[], more: Partial<SeenAccount> = {}): SeenAccount => ({
  accountSid: ACCOUNT,
  installation: 'abcdef',
  waitedFor: new Set(['u 1 2026-01-01T00:00:00Z']),
  key: KEY,
  digest: keyDigest(KEY),
  proven: true,
  sinks: new Map(sinks.map((one) => [one.sid, one])),
  ...more,
})

interface Expected {
  readonly kind: Plan['kind']
  readonly description?: string
}

const RECORDED = { sid: sid('1'), accountSid: ACCOUNT }

describe('the plan for an object', () => {
  test.each<[why: string, Sink, SeenAccount, expected: Expected]>([
    [
      'its own mark goes',
      sink(RECORDED),
      seen([external('1', `Text${ours}`)]),
      { kind: 'unmark', description: 'Text' },
    ],
    [
      'a mark alone leaves the text of the object',
      sink(RECORDED),
      seen([external('1', ours)]),
      { kind: 'unmark', description: 'Orders' },
    ],
    ['an imported sink stays as it is', sink(RECORDED), seen([external('1', 'Text')]), { kind: 'leave' }],
    [
      'the mark of another installation stays',
      sink(RECORDED),
      seen([external('1', `Text [k8s:bbbbbb/${objectPart('shop/orders')}/1]`)]),
      { kind: 'leave' },
    ],
    [
      'the mark of another object stays',
      sink(RECORDED),
      seen([external('1', `Text [k8s:abcdef/${objectPart('shop/else')}/1]`)]),
      { kind: 'leave' },
    ],
    ['one that is gone needs nothing', sink(RECORDED), seen([]), { kind: 'nothing' }],
    [
      'a key that shows nothing proves nothing',
      sink(RECORDED),
      seen([], { proven: false }),
      { kind: 'keep' },
    ],
    ['one that was never made needs nothing', sink(), seen([external('2', 'Else')]), { kind: 'nothing' }],
    [
      'a sink that no status has recorded is known by its mark',
      sink(),
      seen([external('2', `T${ours}`)]),
      { kind: 'unmark', description: 'T' },
    ],
    [
      'of two with its mark nobody knows which',
      sink(),
      seen([external('2', `T${ours}`), external('3', `T${ours}`)]),
      { kind: 'keep' },
    ],
    [
      'beside the recorded one, another with its mark is not touched',
      sink(RECORDED),
      seen([external('1', `Text${ours}`), external('3', `T${ours}`)]),
      { kind: 'unmark', description: 'Text' },
    ],
    ['an open create that was waited for made nothing', sink({}, {}), seen([]), { kind: 'nothing' }],
    [
      'another one of the same object may still make one, however long ago it says to have been',
      sink({}, { attempt: 2, times: ['2000-01-01T00:00:00Z'] }),
      seen([]),
      { kind: 'keep' },
    ],
    [
      'an open create of the same key is believed',
      sink({}, {}),
      seen([], { proven: false }),
      { kind: 'nothing' },
    ],
    [
      'an open create of another key is not',
      sink({}, { key: `SK${'1'.repeat(32)}` }),
      seen([], { proven: false }),
      { kind: 'keep' },
    ],
    [
      'a create whose end is recorded is none',
      sink({ createAttempt: 1 }, { times: ['2026-01-01T00:09:59Z'] }),
      seen([]),
      { kind: 'nothing' },
    ],
    [
      "another object's journal, copied, says nothing",
      sink({}, { uid: 'else', times: ['2026-01-01T00:09:59Z'] }),
      seen([]),
      { kind: 'nothing' },
    ],
  ])('%s', (_, object, account, expected) => {
    expect(planOf(object, account)).toMatchObject(expected)
  })
})
