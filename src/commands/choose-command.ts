import { VERSION } from '../version.ts'

interface Command {
  readonly name: string
  /** For people, in one line. */
  readonly meaning: string
  /** Its code is read only when it is asked for, so that none costs the operator memory. */
  readonly load: () => Promise<RunCommand>
}

/** Takes the words after its name; resolves with the exit code: 0 done, 1 it failed, 2 a wrong word or option. */
type RunCommand = (argv: readonly string[]) => Promise<number>

/** The first is meant when none is named. */
export const COMMANDS: readonly [Command, ...Command[]] = [
  {
    name: 'run',
    meaning: 'runs the operator; this is the default if no command is given',
    load: async () => (await import('./run.ts')).runOperatorCommand,
  },
  {
    name: 'export',
    meaning: 'writes Sink objects for the sinks of a Twilio account',
    load: async () => (await import('./export/export.ts')).runExport,
  },
  {
    name: 'release',
    meaning:
      'removes the objects from the cluster and leaves every sink at Twilio as it was before the operator',
    load: async () => (await import('./release/release.ts')).runRelease,
  },
]

export type Choice =
  | { readonly kind: 'command'; readonly command: Command; readonly argv: readonly string[] }
  /** For standard output. */
  | { readonly kind: 'text'; readonly text: string }
  /** One line. */
  | { readonly kind: 'unknown'; readonly problem: string }

/** What the words after the name of the program ask for. */
export function chooseCommand(words: readonly string[]): Choice {
  const [first, ...rest] = words
  if (words.includes('--version')) return { kind: 'text', text: `twilio-sink-operator ${VERSION}` }
  if (first === undefined || first.startsWith('-'))
    return { kind: 'command', command: COMMANDS[0], argv: words }
  if (first === 'help') return chooseHelp(rest)
  const command = COMMANDS.find(({ name }) => name === first)
  return command === undefined ? unknown() : { kind: 'command', command, argv: rest }
}

function chooseHelp([topic]: readonly string[]): Choice {
  if (topic === undefined) return { kind: 'text', text: overview() }
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
    { name: '--version', meaning: 'prints the version' },
  ]
  const width = Math.max(...rows.map(({ name }) => name.length)) + 2
  const lines = rows.map(({ name, meaning }) => `  ${name.padEnd(width)}${meaning}`)
  return ['twilio-sink-operator: Kubernetes operator for sinks of Twilio Event Streams', '', ...lines].join(
    '\n',
  )
}
