export interface Command {
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
    load: async () => (await import('./export.ts')).runExport,
  },
  {
    name: 'release',
    meaning:
      'removes the objects from the cluster and leaves every sink at Twilio as it was before the operator',
    load: async () => (await import('./release.ts')).runRelease,
  },
]
