import { describe, expect, test } from 'vitest'
import { EXPORT_OPTIONS } from '../../../src/commands/export/export.ts'
import { RELEASE_OPTIONS } from '../../../src/commands/release/release.ts'
import { readOptions, type Environment } from '../../../src/options/read-options.ts'

type Command = typeof EXPORT_OPTIONS | typeof RELEASE_OPTIONS

function read(command: Command, argv: readonly string[], environment: Environment = {}) {
  const reading = readOptions<Command['schema']>(command, argv, environment)
  if (reading.ok !== true) throw new Error(reading.ok === 'help' ? 'help' : reading.problem)
  return reading.options
}

describe('the options of a release', () => {
  test.each([
    [[], '--namespace'],
    [['--yes'], '--namespace'],
    [['--namespace', 'a', '--all-namespaces', '--yes'], '--all-namespaces'],
    [['--namespace', 'a'], '--yes'],
    [['--namespace', 'a', '--yes', '--dry-run'], '--dry-run'],
    [['--namespace', 'a', '--yes', '--twilio-base-url', 'http://x'], '--twilio-base-url'],
  ])('%j leave open what is meant', (argv, named) => {
    expect(() => read(RELEASE_OPTIONS, argv)).toThrow(named)
  })

  test('are clear otherwise', () => {
    const everywhere = read(RELEASE_OPTIONS, ['--all-namespaces', '--yes'])
    expect(everywhere).toMatchObject({ dryRun: false })
    expect(everywhere).not.toHaveProperty('namespace')
    expect(read(RELEASE_OPTIONS, ['--namespace', 'a', '--dry-run'])).toMatchObject({
      namespace: 'a',
      dryRun: true,
    })
  })

  test('that decide what is done come from the command line alone, since such variables are set for others', () => {
    const environment = { YES: 'true', ALL_NAMESPACES: 'true', NAMESPACE: 'a' }
    expect(() => read(RELEASE_OPTIONS, [], environment)).toThrow('give either')
  })
})

describe('the options of an export', () => {
  test('have defaults that delete nothing at Twilio and write over nothing', () => {
    expect(read(EXPORT_OPTIONS, [])).toMatchObject({ deletionPolicy: 'Orphan', force: false })
  })

  test.each(['delete', 'Keep'])('%j is no policy', (policy) => {
    expect(() => read(EXPORT_OPTIONS, ['--deletion-policy', policy])).toThrow('--deletion-policy')
  })

  test('take the place of Twilio from the variable that the operator reads, too', () => {
    const environment = { TWILIO_BASE_URL: 'http://127.0.0.1:9', NAMESPACE: 'a', FORCE: 'true' }
    const options = read(EXPORT_OPTIONS, [], environment)
    expect(options).toMatchObject({ twilioBaseUrl: 'http://127.0.0.1:9', namespace: 'default', force: false })
  })
})
