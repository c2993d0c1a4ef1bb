import { parseArgs } from 'node:util'

export interface SoakOptions {
  readonly minutes: number
  /** Things that people do per second. */
  readonly rate: number
  readonly seed: number
  /** Other watched namespaces; two of them have trouble that never ends. */
  readonly neighbours: number
}

/** Throws with one line for people when an option is wrong. */
export function readSoakOptions(args: readonly string[], freshSeed: number): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '30' },
      rate: { type: 'string', default: '4' },
      seed: { type: 'string', default: String(freshSeed) },
      neighbours: { type: 'string', default: '0' },
    },
  })
  return {
    minutes: positive('minutes', values.minutes),
    rate: positive('rate', values.rate),
    seed: positive('seed', values.seed),
    neighbours: values.neighbours === '0' ? 0 : positive('neighbours', values.neighbours),
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new Error(`--${name} must be a number above zero, not "${text}"`)
}
