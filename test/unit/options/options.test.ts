import { describe, expect, test } from 'vitest'
import { flagsOf, variableOf } from '../../../src/options/flag.ts'
import { OPERATOR_OPTIONS, type Options } from '../../../src/options/options.ts'
import { readOptions } from '../../../src/options/read-options.ts'

type Environment = Record<string, string>

function options(argv: readonly string[], environment: Environment = {}): Options {
  const read = readOptions(OPERATOR_OPTIONS, argv, environment)
  if (read.ok !== true) throw new Error(`not read: ${JSON.stringify(read)}`)
  return read.options
}

function problem(argv: readonly string[], environment: Environment = {}): string {
  const read = readOptions(OPERATOR_OPTIONS, argv, environment)
  if (read.ok !== false) throw new Error(`nothing was wrong with ${argv.join(' ')}`)
  return read.problem
}

/** One value per flag that is neither its default nor in conflict with the defaults of the others. */
const OTHER_VALUES: Readonly<Record<string, readonly [text: string, value: unknown]>> = {
  kubeconfig: ['/etc/kubeconfig', '/etc/kubeconfig'],
  'watch-namespaces': ['a, b-2', ['a', 'b-2']],
  namespace: ['twilio-system', 'twilio-system'],
  'default-account': ['twilio-system/main', 'twilio-system/main'],
  'default-account-sid': [`AC${'0aF'.repeat(10)}12`, `AC${'0aF'.repeat(10)}12`],
  'default-account-secret': ['twilio.credentials', 'twilio.credentials'],
  'default-account-imports': ['Allowed', 'Allowed'],
  'default-account-allowed-namespaces': [
    'team=shop, example.com/stage=',
    { from: 'Selector', selector: { matchLabels: { team: 'shop', 'example.com/stage': '' } } },
  ],
  'require-secret-label': ['true', true],
  'twilio-base-url': ['http://127.0.0.1:9', 'http://127.0.0.1:9'],
  'installation-id': ['blue', 'blue'],
  'poll-interval': ['1h', 3_600_000],
  'settling-poll-interval': ['1.5s', 1_500],
  'call-timeout': ['500ms', 500],
  'settle-time': ['2m', 120_000],
  'max-concurrent-reconciles': ['1', 1],
  'max-calls-per-account': ['10000', 10_000],
  'leader-elect': ['false', false],
  'lease-duration': ['20s', 20_000],
  'renew-deadline': ['9s', 9_000],
  'retry-period': ['1s', 1_000],
  'metrics-address': ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  'health-address': ['[::1]:9000', { host: '::1', port: 9_000 }],
  'log-level': ['debug', 'debug'],
}

/** Flags that only go together with another. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  'default-account-sid': ['--default-account-secret=twilio'],
  'default-account-imports': [`--default-account-sid=AC${'0'.repeat(32)}`, '--default-account-secret=twilio'],
  'default-account-allowed-namespaces': [
    `--default-account-sid=AC${'0'.repeat(32)}`,
    '--default-account-secret=twilio',
  ],
  'default-account-secret': [`--default-account-sid=AC${'0'.repeat(32)}`],
}

const propertyOf = (name: string): keyof Options =>
  name.replace(/-(\w)/gu, (_, letter: string) => letter.toUpperCase()) as keyof Options

const names = flagsOf(OPERATOR_OPTIONS.schema).map(({ name }) => name)

describe('every option', () => {
  test('has a row here, so that none goes untried', () => {
    expect(Object.keys(OTHER_VALUES)).toEqual(names)
  })

  test.each(names)('--%s is read from a word, behind = and from its variable', (name) => {
    const [text = '', value] = OTHER_VALUES[name] ?? []
    const property = propertyOf(name)
    const companions = COMPANIONS[name] ?? []
    expect(options([`--${name}=${text}`, ...companions])[property]).toEqual(value)
    expect(options([...companions, `--${name}`, text])[property]).toEqual(value)
    if (name !== 'kubeconfig')
      expect(options(companions, { [variableOf(name)]: text })[property]).toEqual(value)
  })

  test.each(names)('--%s goes before its variable, and the last one counts', (name) => {
    const [text = '', value] = OTHER_VALUES[name] ?? []
    const argv = [...(COMPANIONS[name] ?? []), `--${name}=\t`, `--${name}=${text}`]
    expect(options(argv, { [variableOf(name)]: '\t' })[propertyOf(name)]).toEqual(value)
  })

  test.each(names)('an empty --%s is as if it were not there, since templates leave such', (name) => {
    const environment = { [variableOf(name)]: '' }
    expect(options([`--${name}=`], environment)).toEqual(options([]))
  })

  test.each(names)('a wrong --%s is named in one line', (name) => {
    const text = problem([`--${name}=\n`, ...(COMPANIONS[name] ?? [])])
    expect(text).toContain(`--${name}`)
    expect(text).not.toContain('\n')
  })

  test('stands in --help', () => {
    const read = readOptions(OPERATOR_OPTIONS, ['--nonsense', '--help'], {})
    expect(read.ok).toBe('help')
    if (read.ok === 'help') for (const name of names) expect(read.text).toContain(`--${name} `)
  })
})

describe('defaults', () => {
  test('are the documented ones', () => {
    expect(options([])).toEqual({
      kubeconfig: undefined,
      watchNamespaces: [],
      namespace: 'default',
      defaultAccount: undefined,
      defaultAccountSid: undefined,
      defaultAccountSecret: undefined,
      defaultAccountImports: 'Same',
      defaultAccountAllowedNamespaces: { from: 'All' },
      requireSecretLabel: false,
      twilioBaseUrl: 'https://events.twilio.com',
      installationId: undefined,
      pollInterval: 300_000,
      settlingPollInterval: 15_000,
      callTimeout: 15_000,
      settleTime: 60_000,
      maxConcurrentReconciles: 64,
      maxCallsPerAccount: 4,
      leaderElect: true,
      leaseDuration: 15_000,
      renewDeadline: 10_000,
      retryPeriod: 2_000,
      metricsAddress: { host: '', port: 8080 },
      healthAddress: { host: '', port: 8081 },
      logLevel: 'info',
    })
  })

  test('the namespace comes from the pod unless it is said', () => {
    expect(options([], { POD_NAMESPACE: 'pod' }).namespace).toBe('pod')
    expect(options([], { POD_NAMESPACE: 'pod', NAMESPACE: 'own' }).namespace).toBe('own')
    expect(options(['--namespace=flag'], { POD_NAMESPACE: 'pod' }).namespace).toBe('flag')
  })

  test('KUBECONFIG is left to the search for a kubeconfig, since it may be a list and comes last', () => {
    expect(options([], { KUBECONFIG: '/a:/b' }).kubeconfig).toBeUndefined()
  })
})

describe('addresses', () => {
  test('0 switches off', () => {
    const { metricsAddress, healthAddress } = options(['--metrics-address=0', '--health-address', '0'])
    expect({ metricsAddress, healthAddress }).toEqual({ metricsAddress: undefined, healthAddress: undefined })
  })

  test.each(['8080', ':', ':65536', '::1:80', '[::1]', 'a b:80', ':-1', 'http://x:80'])(
    '%s is none',
    (text) => {
      expect(problem([`--metrics-address=${text}`])).toContain('--metrics-address')
    },
  )
})

describe('durations and counts', () => {
  test.each(['5', '-5s', '0s', '0.2ms', '5 m', '5d', '1e3s', '25h', 'Infinitys', '1m30s'])(
    '%s is no duration',
    (text) => {
      expect(problem([`--poll-interval=${text}`])).toContain('--poll-interval')
    },
  )

  test.each(['0', '-1', '1.5', '10001', '0x10', '1e2', ' 1'])('%s is no count', (text) => {
    expect(problem([`--max-calls-per-account=${text}`])).toContain('--max-calls-per-account')
  })
})

describe('options that must fit one another', () => {
  const SID = `AC${'0'.repeat(32)}`
  test.each<[reason: string, argv: string[], named: string]>([
    ['a create must be over before it is repeated', ['--settle-time=29s'], '--settle-time'],
    ['settling looks more often, not less', ['--settling-poll-interval=6m'], '--settling-poll-interval'],
    ['a leader gives up before its lease ends', ['--renew-deadline=15s'], '--renew-deadline'],
    ['a leader tries more than once', ['--retry-period=10s'], '--retry-period'],
    ['a SID alone has no credentials', [`--default-account-sid=${SID}`], '--default-account-secret'],
    ['a Secret alone belongs to nothing', ['--default-account-secret=x'], '--default-account-sid'],
    [
      'there is one default',
      [`--default-account-sid=${SID}`, '--default-account-secret=x', '--default-account=a/b'],
      '--default-account',
    ],
    [
      'what is said of the account that is created needs one',
      ['--default-account-allowed-namespaces=Same'],
      '--default-account-sid',
    ],
  ])('%s', (_, argv, named) => {
    expect(problem(argv)).toContain(named)
  })

  test.each([
    'Selector',
    'same',
    'team',
    'team=a,team=b',
    'team=a,',
    '=a',
    'team=a b',
    `team=${'a'.repeat(64)}`,
  ])('namespaces are not selected by %s', (text) => {
    expect(problem([`--default-account-allowed-namespaces=${text}`])).toContain(
      'must be Same, All, or labels',
    )
  })

  test('the edges that are still right', () => {
    const argv = ['--settle-time=30s', '--settling-poll-interval=5m', '--retry-period=9s']
    expect(options(argv).settleTime).toBe(30_000)
  })

  test('the URL of Twilio says what is wrong with it, and is not quoted', () => {
    const text = problem(['--twilio-base-url=http://user:geheim@x'])
    expect(text).toBe('--twilio-base-url must not contain credentials')
  })
})

describe('words that are no options', () => {
  test.each([
    ['--poll-intervall=5m', '--poll-interval'],
    ['--watch-namespace', '--watch-namespaces'],
    ['--metric-address=:1', '--metrics-address'],
    ['-log-level', '--log-level'],
  ])('%s brings the nearest known option', (word, nearest) => {
    expect(problem([word])).toMatch(new RegExp(`${nearest}\\b`, 'u'))
  })

  test.each(['--xyz', '--', '-', '--=5'])('%j is refused', (word) => {
    expect(problem([word])).toContain(JSON.stringify(word.split('=')[0]))
  })

  test.each(['serve', ''])('%j is refused by its place on the command line, the first being 1', (word) => {
    expect(problem(['--namespace', 'a', word])).toContain(
      word === '' ? 'argument 3 ' : `argument 3, "${word}", `,
    )
  })

  test('false behind a switch is its value, and no other word behind it is taken for another option', () => {
    expect(options(['--leader-elect', 'false', '--log-level', 'debug'])).toMatchObject({
      leaderElect: false,
      logLevel: 'debug',
    })
    expect(options(['--leader-elect', '--log-level', 'debug']).leaderElect).toBe(true)
    const text = problem(['--leader-elect', 'no'])
    expect(text).toBe(
      '--leader-elect must be true or false, as in --leader-elect=false: argument 2, "no", is neither',
    )
    for (const argv of [['--leader-elect=true', 'false'], ['--leader-elect', 'true', 'false'], ['false']])
      expect(problem(argv)).toMatch(/"(true|false)", is not an option/u)
  })

  test('a flag and its value in one word, as lists in YAML invite to, is told from an unknown flag', () => {
    const text = problem(['--leader-elect false'])
    expect(text).toContain('--leader-elect ')
    expect(text).not.toContain('do you mean')
  })

  test.each([[['--namespace']], [['--namespace', '--log-level=info']]])('%j lacks a value', (argv) => {
    expect(problem(argv)).toContain('--namespace')
  })
})

describe('a secret at a wrong place is not repeated, since the line stands in the log of the pod', () => {
  const SECRET = 'Geheim_0123456789'

  test.each([
    [[SECRET]],
    [[`--auth-token=${SECRET}`]],
    [['--auth-token', SECRET]],
    [[`--auth-token ${SECRET}`]],
    [[`--default-account-secret ${SECRET}`]],
    [[`--default-account-secret=${SECRET}`]],
    [['--default-account-sid', SECRET]],
    [['--leader-elect', SECRET]],
  ])('%j', (argv) => {
    expect(problem(argv)).not.toContain(SECRET)
  })

  test.each(['DEFAULT_ACCOUNT_SID', 'DEFAULT_ACCOUNT_SECRET'])('in %s', (variable) => {
    expect(problem([], { [variable]: SECRET })).not.toContain(SECRET)
  })
})
