import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { chooseCommand, type Choice, COMMANDS } from '../../../src/commands/choose-command.ts'
import { LOG_LEVEL } from '../../../src/options/kinds.ts'
import { OPERATOR_OPTIONS } from '../../../src/options/options.ts'
import { readOptions } from '../../../src/options/read-options.ts'

const NAMES = COMMANDS.map(({ name }) => name)

function command(words: readonly string[]): { name: string; argv: readonly string[] } {
  const choice = chooseCommand(words)
  if (choice.kind !== 'command') throw new Error(`no command: ${JSON.stringify(choice)}`)
  return { name: choice.command.name, argv: choice.argv }
}

function text(words: readonly string[], kind: Exclude<Choice['kind'], 'command'>): string {
  const choice = chooseCommand(words)
  expect(choice.kind).toBe(kind)
  return choice.kind === 'text' ? choice.text : choice.kind === 'unknown' ? choice.problem : ''
}

describe('a command', () => {
  test.each([[[]], [['--help']], [['--log-level', 'debug']], [['-h']]])(
    '%j runs the operator, as manifests that know no commands expect',
    (words) => {
      expect(command(words)).toEqual({ name: 'run', argv: words })
    },
  )

  test.each(NAMES)('%s takes the words behind it', (name) => {
    expect(command([name, '--a', 'b'])).toEqual({ name, argv: ['--a', 'b'] })
  })

  test.each(NAMES)('%s has its own help, and stands in the help of all', (name) => {
    expect(command(['help', name])).toEqual({ name, argv: ['--help'] })
    expect(text(['help'], 'text')).toContain(`\n  ${name} `)
  })

  test.each(NAMES)('%s is there when it is asked for', async (name) => {
    const found = COMMANDS.find((row) => row.name === name)
    expect(typeof (await found?.load())).toBe('function')
  })
})

test.each([[['--version']], [['run', '--version']], [['export', '--force', '--version']]])(
  '%j prints the version of package.json and nothing else',
  (words) => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
    expect(text(words, 'text')).toBe(`twilio-sink-operator ${version}`)
  },
)

test('the help of the operator, which people ask for first, names each command and each level of the log', () => {
  const read = readOptions(OPERATOR_OPTIONS, ['--help'], {})
  const help = read.ok === 'help' ? read.text : ''
  for (const word of [...NAMES, 'help', '--version', ...LOG_LEVEL.expected.split(/, | or /u)])
    expect(help).toMatch(new RegExp(`(?<![a-z-])${word}(?![a-z-])`, 'u'))
})

describe('a word that is no command', () => {
  test.each([[['serve']], [['']], [['help', 'serve']], [['RUN']]])(
    '%j brings one line with those there are',
    (words) => {
      const problem = text(words, 'unknown')
      for (const name of [...NAMES, 'help']) expect(problem).toContain(name)
      expect(problem).not.toContain('\n')
    },
  )

  test('is not repeated, since it may be a secret', () => {
    expect(text(['Geheim_0123456789'], 'unknown')).not.toContain('Geheim')
  })
})
