import type { Received } from './api-caller.ts'
import type { Eyes, SwitchRow } from './switch-row.ts'

const destination = 'https://warehouse.example.com/twilio'
const secretUrl = 'https://user:password@warehouse.example.com/twilio'

const statusWords = async ({ create, kinesis, segment }: Eyes) => [
  (await kinesis()).body.status,
  (await segment()).body.status,
  (await create()).body.status,
]

const configurationOf = async (received: Promise<Received>) => (await received).body.sink_configuration

const shownUrl = async ({ webhook }: Eyes, given: string) =>
  (await configurationOf(webhook({ destination: given })))['destination']

const shownMethod = async ({ webhook }: Eyes, method: string) =>
  (await configurationOf(webhook({ destination, method })))['method']

async function legacyFlow({ call, create, simulator }: Eyes): Promise<unknown[]> {
  const { sid } = (await create()).body
  const validate = (TestId: string) => call('POST', `/v1/Sinks/${sid}/Validate`, { form: { TestId } })
  const status = async () => (await call('GET', `/v1/Sinks/${sid}`)).body.status
  const untested = (await validate('wrong')).body.code
  await call('POST', `/v1/Sinks/${sid}/Test`)
  const tested = await status()
  const wrong = (await validate('wrong')).body.code
  const right = (await validate((await simulator.admin.sink(sid))?.testId ?? '')).body.result
  return [untested, tested, wrong, right, await status()]
}

export const sinkSwitches: readonly SwitchRow[] = [
  {
    set: { statusAfterCreate: 'resting' },
    see: statusWords,
    usual: ['active', 'active', 'active'],
    turned: ['resting', 'resting', 'resting'],
  },
  {
    set: { statusAfterCreate: 'failed' },
    see: statusWords,
    usual: ['active', 'active', 'active'],
    turned: ['failed', 'failed', 'failed'],
  },
  {
    set: { statusAfterCreateByType: { kinesis: 'initialized', segment: 'initialized' } },
    see: statusWords,
    usual: ['active', 'active', 'active'],
    turned: ['initialized', 'initialized', 'active'],
  },
  {
    set: { validation: 'legacy' },
    see: legacyFlow,
    usual: [undefined, 'active', undefined, 'valid', 'active'],
    turned: [91004, 'validating', 91005, 'valid', 'active'],
  },
  {
    set: { fillDefaults: false },
    see: ({ webhook }) => configurationOf(webhook({ destination })),
    usual: { destination, method: 'post', batch_events: false },
    turned: { destination },
  },
  {
    set: { method: 'keep' },
    see: (eyes) => shownMethod(eyes, 'POST'),
    usual: 'post',
    turned: 'POST',
  },
  {
    set: { method: 'upper' },
    see: (eyes) => shownMethod(eyes, 'get'),
    usual: 'get',
    turned: 'GET',
  },
  {
    set: { secrets: 'masked' },
    see: async (eyes) => [
      (await eyes.segment()).body.sink_configuration['write_key'],
      (await eyes.kinesis()).body.sink_configuration['external_id'],
      await shownUrl(eyes, secretUrl),
    ],
    usual: ['write-key-of-a-test', 'external-id-of-a-test', secretUrl],
    turned: ['********', '********', 'https://********@warehouse.example.com/twilio'],
  },
  {
    set: { secrets: 'omitted' },
    see: async (eyes) => [(await eyes.segment()).body.sink_configuration, await shownUrl(eyes, secretUrl)],
    usual: [{ write_key: 'write-key-of-a-test' }, secretUrl],
    turned: [{}, destination],
  },
  {
    set: { destination: 'upperCaseHost' },
    see: (eyes) => shownUrl(eyes, destination),
    usual: destination,
    turned: 'https://WAREHOUSE.EXAMPLE.COM/twilio',
  },
  {
    set: { destination: 'whatwg' },
    see: (eyes) => shownUrl(eyes, 'https://A.example.com:443'),
    usual: 'https://A.example.com:443',
    turned: 'https://a.example.com/',
  },
  {
    set: { destination: 'toggleTrailingSlash' },
    see: (eyes) => shownUrl(eyes, destination),
    usual: destination,
    turned: `${destination}/`,
  },
  {
    set: { destination: 'toggleTrailingSlash' },
    see: (eyes) => shownUrl(eyes, `${destination}/?q=1`),
    usual: `${destination}/?q=1`,
    turned: `${destination}?q=1`,
  },
  {
    set: { unknownConfigurationKeys: 'drop' },
    see: async ({ webhook }) =>
      (await configurationOf(webhook({ destination, batchEvents: true })))['batchEvents'],
    usual: true,
    turned: undefined,
  },
  {
    set: { unknownConfigurationKeys: 'refuse' },
    see: async ({ webhook }) => (await webhook({ destination, batchEvents: true })).body.code,
    usual: undefined,
    turned: 91000,
  },
]
