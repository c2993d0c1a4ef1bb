import { expect, it } from 'vitest'
import { parseSink, SinkSpec, SinkStatus } from '../../../src/api/sink.ts'
import {
  parseTwilioAccount,
  TwilioAccountSpec,
  TwilioAccountStatus,
} from '../../../src/api/twilio-account.ts'
import { VALID_ACCOUNT_SID, accountManifest, SINK_SID, sinkManifest, stored, WEBHOOK } from './objects.ts'

/** One member that is not understood hides no other. */

const condition = { type: 'Ready', status: 'True', reason: 'Active', message: '', lastTransitionTime: '' }
const sink = {
  ...stored(sinkManifest('orders')),
  spec: {
    ...{ description: 'x', ...WEBHOOK, accountRef: { name: 'main' }, deletionPolicy: 'Orphan' },
    ...{ import: { sid: SINK_SID }, suspend: true },
  },
  status: {
    ...{ observedGeneration: 1, sid: SINK_SID, accountSid: VALID_ACCOUNT_SID, sinkType: 'webhook' },
    ...{ sinkStatus: 'active', url: 'u', dateCreated: 'd', dateUpdated: 'd', subscriptions: [] },
    ...{ createAttempt: 1, notComparable: ['method'], lastHandledReconcileAt: 'now' },
    lastTest: { requestedAt: 'now', result: 'x' },
    lastValidation: { testId: 'id', result: 'x' },
    conditions: [condition],
  },
}
const account = {
  ...stored(accountManifest('default')),
  spec: {
    ...{ accountSid: VALID_ACCOUNT_SID, credentialsSecretRef: { name: 'twilio' } },
    ...{ allowedNamespaces: { from: 'All' }, imports: 'Allowed', otherInstallations: [] },
  },
  status: { observedGeneration: 1, installationId: 'abcdef', conditions: [condition] },
}

type Kind = 'Sink' | 'TwilioAccount'
type Section = 'spec' | 'status'
const KINDS = {
  Sink: { whole: sink, read: parseSink, spec: SinkSpec.shape, status: SinkStatus.unwrap().shape },
  TwilioAccount: {
    ...{ whole: account, read: parseTwilioAccount },
    ...{ spec: TwilioAccountSpec.shape, status: TwilioAccountStatus.unwrap().shape },
  },
}
const MEMBERS = (['Sink', 'TwilioAccount'] as const).flatMap((kind) =>
  (['spec', 'status'] as const).flatMap((section) =>
    Object.keys(KINDS[kind][section]).map((member): [Kind, Section, string] => [kind, section, member]),
  ),
)

const readPart = (kind: Kind, value: unknown) => {
  const read = KINDS[kind].read(value)
  expect(read).toMatchObject({ readable: false })
  if (read.readable || read.partial === undefined) throw new Error('nothing of it was read')
  return { problem: read.problem, partial: read.partial }
}

it.each(MEMBERS)('of a %s whose %s.%s cannot be read, everything else is', (kind, section, member) => {
  const { whole, read } = KINDS[kind]
  const well = read(whole)
  expect(well).toMatchObject({ readable: true })
  const { problem, partial } = readPart(kind, {
    ...whole,
    [section]: { ...whole[section], [member]: [[7]] },
  })
  const others = Object.entries(whole[section]).filter(([name]) => name !== member)
  expect(partial[section]).toMatchObject(Object.fromEntries(others))
  expect(Object.hasOwn(partial[section], member) && partial[section][member as never]).not.toEqual([[7]])
  expect([...(partial.unread ?? [])]).toEqual([`${section}.${member}`])
  expect(partial.metadata).toMatchObject(whole.metadata)
  expect(problem).toContain(`${section}.${member}`)
})

it.each([
  ['Sink', 'spec'],
  ['Sink', 'status'],
  ['TwilioAccount', 'spec'],
  ['TwilioAccount', 'status'],
] as const)('of a %s whose %s is no object, the rest is read', (kind, section) => {
  for (const odd of ['x', null, ['x'], 7]) {
    const { partial } = readPart(kind, { ...KINDS[kind].whole, [section]: odd })
    const other = section === 'spec' ? 'status' : 'spec'
    expect(partial[other]).toMatchObject(KINDS[kind].whole[other])
    expect([...(partial.unread ?? [])]).toEqual([section])
  }
})

it('is told from what is just not there', () => {
  const { partial } = readPart('Sink', { ...sink, spec: { ...WEBHOOK } })
  expect([...(partial.unread ?? [])]).toEqual([])
})

it('of an object without readable metadata nothing is known', () => {
  for (const metadata of [undefined, 'x', { name: 'only' }])
    expect(parseSink({ ...sink, metadata })).toMatchObject({ readable: false, partial: undefined })
})
