import { parseArgs } from 'node:util'

/** How large a run is. */
export interface Form {
  readonly name: 'full' | 'big' | 'short'
  readonly sinks: number
  /** Each is a TwilioAccount in a namespace of its own. */
  readonly accounts: number
  /** Sinks that are created one by one while nothing else happens. */
  readonly alone: number
  /** Sinks that are created one by one while the operator starts again. */
  readonly meanwhile: number
  /** How long a restart has been running when the first of them is created, milliseconds. */
  readonly meanwhileAfter: number
  /** How long the operator is watched at rest, and how long it has written nothing before, milliseconds. */
  readonly rest: number
  readonly restAfter: number
  /** Each with a control plane, a Twilio and a floor of its own. */
  readonly rounds: number
  /** How long one step may take, milliseconds. */
  readonly within: number
}

const FULL: Form = {
  name: 'full',
  sinks: 1_000,
  accounts: 10,
  alone: 50,
  meanwhile: 20,
  meanwhileAfter: 2_000,
  rest: 60_000,
  // Longer than the settling poll interval.
  restAfter: 20_000,
  rounds: 3,
  within: 300_000,
}

export const FORMS: Readonly<Record<Form['name'], Form>> = {
  full: FULL,
  big: { ...FULL, name: 'big', sinks: 10_000, accounts: 100, rounds: 1, within: 1_800_000 },
  short: {
    ...FULL,
    name: 'short',
    sinks: 40,
    accounts: 4,
    alone: 5,
    meanwhile: 3,
    meanwhileAfter: 500,
    rest: 3_000,
    restAfter: 2_000,
    rounds: 1,
  },
}

export interface BenchOptions {
  readonly form: Form
  /** Runs on a busy machine, too, and then says nothing about times. */
  readonly anyway: boolean
}

/** Throws with one line for people when an option is wrong. */
export function readBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      big: { type: 'boolean', default: false },
      short: { type: 'boolean', default: false },
      anyway: { type: 'boolean', default: false },
      rounds: { type: 'string' },
    },
  })
  if (values.big && values.short) throw new Error('--big and --short exclude each other')
  const form = FORMS[values.big ? 'big' : values.short ? 'short' : 'full']
  const rounds = values.rounds === undefined ? form.rounds : Number(values.rounds)
  if (!Number.isSafeInteger(rounds) || rounds < 1)
    throw new Error(`--rounds must be a whole number above zero, not "${values.rounds ?? ''}"`)
  return { form: { ...form, rounds }, anyway: values.anyway || values.short }
}
