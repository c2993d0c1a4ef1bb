import { load, loadAll } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { SinkSpec } from '../../../../../src/api/sink.ts'
import { AT_TIMES, exportFiles } from '../../../../../src/commands/export/objects/export-files.ts'
import {
  exportedAccount,
  type ExportSettings,
} from '../../../../../src/commands/export/objects/exported-account.ts'
import { type ClearSink, fingerprints } from '../../../../../src/external/external-sink.ts'
import { differenceOf } from '../../../../../src/sink/difference.ts'
import { desiredSink } from '../../../../../src/sink/desired-sink.ts'

const SETTINGS: ExportSettings = {
  namespace: 'shop',
  accountSid: `AC${'0'.repeat(32)}`,
  accountName: 'default',
  credentialsSecret: 'twilio',
  valuesSecret: 'twilio-sinks',
  deletionPolicy: 'Orphan',
}
const SID = `DG${'a'.repeat(32)}`
const clear = (
  sinkType: string,
  configuration: ClearSink['configuration'],
  description = 'Orders',
): ClearSink => ({
  sid: SID,
  description,
  sinkType,
  configuration,
  dateCreated: '2026-01-01T00:00:00Z',
})
const URL_ = 'https://a.example.com/x'
const ARNS = {
  arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/orders',
  role_arn: 'arn:aws:iam::123456789012:role/t',
}

function exported(sink: ClearSink) {
  const account = exportedAccount([sink], SETTINGS)
  const [only] = account.sinks
  if (only === undefined) throw new Error(account.leftOut[0]?.why)
  return only
}
const leftOut = (sink: ClearSink) => exportedAccount([sink], SETTINGS).leftOut.map(({ why }) => why)

describe('an exported sink', () => {
  test.each<[string, ClearSink]>([
    ['a plain webhook', clear('webhook', { destination: URL_ })],
    ['what Twilio answers', clear('webhook', { destination: URL_, method: 'post', batch_events: false })],
    ['its other values', clear('webhook', { destination: URL_, method: 'get', batch_events: true })],
    ['a password', clear('webhook', { destination: 'https://u:p@a.example.com' })],
    ['a token', clear('webhook', { destination: `${URL_}?token=t` })],
    ['a host that the API server refuses', clear('webhook', { destination: 'http://localhost:80/x' })],
    ['a destination that is too long', clear('webhook', { destination: `${URL_}/${'y'.repeat(3_000)}` })],
    ['a masked password', clear('webhook', { destination: 'https://********@a.example.com' })],
    ['no destination', clear('webhook', {})],
    ['a stream', clear('kinesis', { ...ARNS, external_id: 'id' })],
    ['a masked id', clear('kinesis', { ...ARNS, external_id: '********' })],
    ['a write key', clear('segment', { write_key: 'key' })],
    ['no write key', clear('segment', {})],
  ])('with %s can be read as a spec, and agrees with what Twilio has', (_, sink) => {
    const { spec, secrets: found } = exported(sink)
    const read = SinkSpec.parse(spec)
    expect(read.import?.sid).toBe(SID)
    const secrets = new Map(
      found.flatMap(({ place, value }) => (value === undefined ? [] : [[place.key, value] as const])),
    )
    const desired = desiredSink(read, () => secrets).sink
    const external = { ...sink, status: 'active', dateUpdated: '', url: '' }
    const shown = { ...external, configuration: fingerprints(sink.configuration) }
    expect(differenceOf(desired, shown, [])).toBeUndefined()
  })

  test.each<[string, ClearSink, boolean]>([
    ['nothing', clear('webhook', { destination: URL_ }), false],
    ['the path alone', clear('webhook', { destination: `${URL_}/long/path` }), false],
    [
      'plain words',
      clear('webhook', { destination: 'https://a.example.com/v1/order-events/new.ones/' }),
      false,
    ],
    [
      'a path with a token',
      clear('webhook', { destination: 'https://a.example.com/services/T02/B0/xYz9' }),
      true,
    ],
    ['a path of capitals', clear('webhook', { destination: 'https://a.example.com/hooks/ABCDEF' }), true],
    [
      'a long row of letters',
      clear('webhook', { destination: `https://a.example.com/${'q'.repeat(24)}` }),
      true,
    ],
    ['an encoded path', clear('webhook', { destination: 'https://a.example.com/a%2fb' }), true],
    ['a user', clear('webhook', { destination: 'https://u@a.example.com/' }), true],
    ['a query', clear('webhook', { destination: 'https://a.example.com/?a=b' }), true],
    ['what is no URL', clear('webhook', { destination: 'nonsense' }), true],
  ])('takes %s into the Secret, or leaves it in the open', (_, sink, secret) => {
    expect(exported(sink).secrets.length > 0).toBe(secret)
  })

  test('says what a person must add where Twilio shows nothing, and writes nothing there', () => {
    const sink = clear('segment', { write_key: '********' })
    const [, secret] = exportFiles(exportedAccount([sink], SETTINGS), SETTINGS)
    expect(exported(sink).remarks.join()).toContain('orders.writeKey')
    expect(secret?.content).toContain('orders.writeKey')
    expect(load(secret?.content ?? '')).toMatchObject({ stringData: {} })
  })

  test.each([
    ['blank', ' '],
    ['too long', 'x'.repeat(201)],
    ['like a mark', 'a [k8s:b'],
    ['in two lines', 'a\nb'],
    ['written backwards', 'a\u202eb'],
    ['of what nobody sees', '\u200b\u200b'],
  ])('is suspended when its description is %s, so that nothing is written at Twilio', (_, description) => {
    const { spec, remarks } = exported(clear('webhook', { destination: URL_ }, description))
    expect(SinkSpec.parse(spec).suspend).toBe(true)
    expect(SinkSpec.parse(spec).description).not.toBe('')
    expect(remarks.join()).toContain('suspend')
  })

  test('has the description that Twilio has, else', () => {
    const description = `${'日'.repeat(200)}`
    const { spec } = exported(clear('webhook', { destination: URL_ }, ` ${description} `))
    expect(SinkSpec.parse(spec)).toMatchObject({ description })
    expect(SinkSpec.parse(spec).suspend).toBeUndefined()
  })

  test('names its account unless that is the default of its namespace', () => {
    const sink = clear('webhook', { destination: URL_ })
    expect(exported(sink).spec).not.toHaveProperty('accountRef')
    const [other] = exportedAccount([sink], { ...SETTINGS, accountName: 'main' }).sinks
    expect(other?.spec).toMatchObject({ accountRef: { name: 'main' } })
  })
})

describe('left out, with a reason that quotes no value', () => {
  test.each<[string, ClearSink]>([
    ['an unknown type', clear('email', { to: 'Geheim' })],
    ['an unknown method', clear('webhook', { destination: 'https://Geheim.example.com', method: 'PUT' })],
    ['odd batches', clear('webhook', { destination: 'https://Geheim.example.com', batch_events: 7 })],
    ['no stream', clear('kinesis', { role_arn: ARNS.role_arn, external_id: 'Geheim' })],
    ['an odd role', clear('kinesis', { ...ARNS, role_arn: 'Geheim', external_id: 'Geheim' })],
  ])('%s', (_, sink) => {
    expect(leftOut(sink)).toHaveLength(1)
    expect(leftOut(sink).join()).not.toContain('Geheim')
  })

  test('a sink that an object owns, whichever installation it is in', () => {
    const sink = clear('webhook', { destination: URL_ }, 'Orders [k8s:abcdef/abcdefghijkl/1]')
    expect(leftOut(sink).join()).toContain('abcdef')
  })
})

describe('the files', () => {
  test('are read by kubectl in an order in which each finds what it needs', () => {
    const sink = clear('segment', { write_key: 'Geheim' })
    const files = exportFiles(exportedAccount([sink], SETTINGS), SETTINGS)
    expect(files.map(({ name }) => name)).toEqual(['account.yaml', 'secrets.yaml', 'sinks.yaml'])
    expect(files.map(({ name }) => name).sort()).toEqual(files.map(({ name }) => name))
    expect(files.filter(({ content }) => content.includes('Geheim')).map(({ secret }) => secret)).toEqual([
      true,
    ])
  })

  test('hold no Secret when there is no secret, and are YAML even without sinks', () => {
    const files = exportFiles(exportedAccount([], SETTINGS), SETTINGS)
    expect(files.map(({ secret }) => secret)).toEqual([false, false])
    for (const { content } of files) expect(() => loadAll(content)).not.toThrow()
  })

  test('that are not always written are known again, so that an old one does not stay beside new ones', () => {
    const filesOf = (sinks: readonly ClearSink[]) => exportFiles(exportedAccount(sinks, SETTINGS), SETTINGS)
    const always = filesOf([]).map(({ name }) => name)
    const others = ['key', '********', ''].flatMap((key) =>
      filesOf([clear('segment', { write_key: key })]).filter(({ name }) => !always.includes(name)),
    )
    expect(others).toHaveLength(3)
    for (const { name, content } of others) {
      const begins = AT_TIMES.find((one) => one.name === name)?.begins ?? 'not known'
      expect(content.startsWith(begins), name).toBe(true)
    }
  })

  test('of secrets begin as those of every earlier version, which could not be told from others otherwise', () => {
    const head =
      '# Secret values in clear. Do not commit this file: hand it to what keeps your secrets, or apply it and '
    expect(AT_TIMES).toEqual([{ name: 'secrets.yaml', begins: `${head}delete it.\n` }])
  })
})
