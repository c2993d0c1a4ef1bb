import { describe, expect, test } from 'vitest'
import { chooseCommand, type Choice, COMMANDS } from '../../../src/commands/choose-command.ts'

const NAMES = COMMANDS.map(({ name }) => name)

function command(words: readonly string[]): { name: string; argv: readonly string[] } {
  const choice = chooseCommand(words)
  if (choice.kind !== 'command') throw new Error(`no command: ${JSON.stringify(choice)}`)
  return { name: choice.command.name, argv: choice.argv }
}

function text(words: readonly string[], kind: Exclude<Choice['kind'], 'command'>): string {
  const choice = chooseCommand(words)
  expect(choice.kind).toBe(kind)
  return choice.kind === 'help' ? choice.text : choice.kind === 'unknown' ? choice.problem : ''
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
    expect(text(['help'], 'help')).toContain(`\n  ${name} `)
  })

  test.each(NAMES)('%s is there when it is asked for', async (name) => {
    const found = COMMANDS.find((row) => row.name === name)
    expect(typeof (await found?.load())).toBe('function')
  })
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
