import { afterAll, beforeAll, expect, test } from 'vitest'
import { condition, type SinkObject } from '../../rigs/sink-object.ts'
import { until } from '../../rigs/until.ts'
import { apiCaller, webhookForm } from '../../rigs/simulator/api-caller.ts'
import { giveCredentials, setStage, sink, type Stage } from './stage.ts'

const HAND_MADE = 'https://hand.example.com/e'

let stage: Stage
let elsewhere: string

beforeAll(async () => {
  stage = await setStage({ name: 'default-account', account: false })
  elsewhere = `${stage.namespace}-shop`
  await stage.cluster.createNamespace(elsewhere)
  await giveCredentials(stage)
})
afterAll(async () => {
  await stage?.end()
  await stage?.cluster.kubectl(['delete', 'namespace', elsewhere, '--wait=false'])
})

/** As the chart starts it with `account.sid`. */
async function startWith(imports: string, { secret = 'twilio', allowed = 'All' } = {}): Promise<void> {
  await stage.operator().stop()
  await stage.restart({
    'watch-namespaces': `${stage.namespace},${elsewhere}`,
    'default-account-sid': stage.accountSid,
    'default-account-secret': secret,
    'default-account-imports': imports,
    'default-account-allowed-namespaces': allowed,
  })
  await until('it has seen to the account', async () => lines('Default account').length > 0)
}

const lines = (message: string) =>
  stage
    .operator()
    .log()
    .split('\n')
    .filter((line) => line.includes('"msg":"'))
    .map((line) => JSON.parse(line) as { level: string; msg: string; outcome?: string; differs?: string[] })
    .filter(({ msg }) => msg.startsWith(message))
const importsNow = () => stage.kubectl(['get', 'twilioaccount', 'default', '-o', 'jsonpath={.spec.imports}'])

const allowedNow = () =>
  stage.kubectl(['get', 'twilioaccount', 'default', '-o', 'jsonpath={.spec.allowedNamespaces}'])

const LABEL = 'kubernetes.io/metadata.name'

test('the account that is made lets Sinks of other namespaces import, where that is asked for', async () => {
  await startWith('Allowed', { allowed: `${LABEL}=${elsewhere}` })
  expect(lines('Default account')).toMatchObject([{ outcome: 'applied' }])
  expect(await importsNow()).toBe('Allowed')
  expect(JSON.parse(await allowedNow())).toEqual({
    from: 'Selector',
    selector: { matchLabels: { [LABEL]: elsewhere } },
  })
  const as = `${stage.accountSid}:${stage.token}`
  const form = { ...webhookForm, SinkConfiguration: JSON.stringify({ destination: HAND_MADE }) }
  const { sid } = (await apiCaller(stage.simulator.url)('POST', '/v1/Sinks', { as, form })).body
  const spec = { description: webhookForm.Description, webhook: { destination: HAND_MADE } }
  const importing = sink('moved-in', { ...spec, import: { sid }, deletionPolicy: 'Orphan' })
  const inShop = (args: readonly string[], stdin?: string) =>
    stage.cluster.kubectl(['-n', elsewhere, ...args], stdin)
  expect(await inShop(['apply', '-f', '-'], JSON.stringify(importing))).toMatchObject({ code: 0 })
  await until('it is imported', async () => {
    const { stdout } = await inShop(['get', 'sink', 'moved-in', '-o', 'json'])
    const object = JSON.parse(stdout) as SinkObject
    return object.status.sid === sid && condition(object, 'Ready')?.status === 'True'
  })
})

test('one that is there is left as it is, and a warning says in what it differs', async () => {
  await startWith('Same')
  expect(lines('Default account')).toMatchObject([{ outcome: 'exists' }])
  const [warning] = await until('it warns', async () => {
    const warnings = lines('The default account')
    return warnings.length > 0 && warnings
  })
  expect(warning).toMatchObject({ level: 'warn', differs: ['spec.allowedNamespaces', 'spec.imports'] })
  expect(await importsNow()).toBe('Allowed')
  await startWith('Allowed', { allowed: `${LABEL}=${elsewhere}` })
  expect(lines('The default account')).toEqual([])
})

test('its Secret of another name is taken into use, unless a person has set another', async () => {
  const secretNow = async () =>
    stage.kubectl(['get', 'twilioaccount', 'default', '-o', 'jsonpath={.spec.credentialsSecretRef.name}'])
  await startWith('Allowed', { secret: 'rotated' })
  expect(lines('Default account')).toMatchObject([{ outcome: 'changed' }])
  expect(await secretNow()).toBe('rotated')
  expect(await importsNow(), 'and nothing else').toBe('Allowed')
  const patch = JSON.stringify({ spec: { credentialsSecretRef: { name: 'twilio' } } })
  await stage.kubectl(['patch', 'twilioaccount', 'default', '--type=merge', '-p', patch])
  await startWith('Allowed', { secret: 'rotated-again' })
  expect(lines('Default account')).toMatchObject([{ outcome: 'exists' }])
  expect(await secretNow()).toBe('twilio')
  await until('an event says so', async () => {
    const events = await stage.kubectl(['get', 'events.events.k8s.io', '-o', 'jsonpath={.items[*].reason}'])
    return events.includes('DefaultAccountDiffers')
  })
})
