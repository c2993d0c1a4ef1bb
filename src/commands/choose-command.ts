import { COMMANDS, type Command } from './command-table.ts'

export type Choice =
  | { readonly kind: 'command'; readonly command: Command; readonly argv: readonly string[] }
  | { readonly kind: 'help'; readonly text: string }
  /** One line. */
  | { readonly kind: 'unknown'; readonly problem: string }

/** What the words after the name of the program ask for. */
export function chooseCommand(words: readonly string[]): Choice {
  const [first, ...rest] = words
  if (first === undefined || first.startsWith('-'))
    return { kind: 'command', command: COMMANDS[0], argv: words }
  if (first === 'help') return chooseHelp(rest)
  const command = COMMANDS.find(({ name }) => name === first)
  return command === undefined ? unknown() : { kind: 'command', command, argv: rest }
}

function chooseHelp([topic]: readonly string[]): Choice {
  if (topic === undefined) return { kind: 'help', text: overview() }
  const command = COMMANDS.find(({ name }) => name === topic)
  return command === undefined ? unknown() : { kind: 'command', command, argv: ['--help'] }
}

/** The word is not repeated: somebody may have put a secret there. */
function unknown(): Choice {
  const names = [...COMMANDS.map(({ name }) => name), 'help'].join(', ')
  return { kind: 'unknown', problem: `unknown command; the commands are ${names}` }
}

function overview(): string {
  const rows = [
    ...COMMANDS,
    { name: 'help', meaning: 'prints this list; "help COMMAND" prints the options of a command' },
  ]
  const width = Math.max(...rows.map(({ name }) => name.length)) + 2
  const lines = rows.map(({ name, meaning }) => `  ${name.padEnd(width)}${meaning}`)
  return ['twilio-sink-operator: Kubernetes operator for sinks of Twilio Event Streams', '', ...lines].join(
    '\n',
  )
}
