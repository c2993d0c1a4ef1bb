import { withProgress, type Say } from '../../test/rigs/control-plane/progress.ts'

/** A step throws this if the machine lacks something: nothing went wrong, and nothing is claimed. */
export class LeftOutError extends Error {}

export interface Step {
  readonly name: string
  /** Steps that must be done before; without one of them this one is left out. */
  readonly after: readonly string[]
  /** Programs that it starts, as they are called on the PATH. */
  readonly programs: readonly string[]
  /** Resolves with what it has made, in one line. */
  readonly work: () => Promise<string>
}

export interface Outcome {
  readonly name: string
  readonly end: 'done' | 'left out' | 'failed'
  /** What was made, or why it was not. */
  readonly words: string
  readonly seconds: number
}

export interface StepsOptions {
  readonly say: Say
  readonly has: (program: string) => Promise<boolean>
}

/** Runs each step as soon as those before it are done. Resolves when all have ended, in the order of `steps`. */
export async function runSteps(steps: readonly Step[], options: StepsOptions): Promise<Outcome[]> {
  const outcomes = new Map<string, Promise<Outcome>>()
  for (const step of steps) {
    const before = step.after.map((name) => {
      const outcome = outcomes.get(name)
      if (outcome === undefined) throw new Error(`${step.name} comes after ${name}, which is not before it`)
      return outcome
    })
    outcomes.set(step.name, runStep(step, before, options))
  }
  return Promise.all(outcomes.values())
}

async function runStep(
  { name, programs, work }: Step,
  before: readonly Promise<Outcome>[],
  { say, has }: StepsOptions,
): Promise<Outcome> {
  const missing = (await Promise.all(before)).filter(({ end }) => end !== 'done')
  if (missing.length > 0) return leftOut(name, `comes after: ${missing.map((one) => one.name).join(', ')}`)
  const present = await Promise.all(programs.map(has))
  const lacking = programs.filter((_, index) => present[index] !== true)
  if (lacking.length > 0) return leftOut(name, `this machine has no ${lacking.join(', ')}`)
  const began = performance.now()
  try {
    const words = await withProgress(name, say, work)
    return { name, end: 'done', words, seconds: (performance.now() - began) / 1000 }
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    if (error instanceof LeftOutError) return leftOut(name, words)
    return { name, end: 'failed', words, seconds: (performance.now() - began) / 1000 }
  }
}

const leftOut = (name: string, words: string): Outcome => ({ name, end: 'left out', words, seconds: 0 })

/** One line for each step, and at the end how many were left out or have failed. */
export function summaryOf(outcomes: readonly Outcome[]): string {
  const width = Math.max(...outcomes.map(({ name }) => name.length))
  const rows = outcomes.map(({ name, end, words, seconds }) => {
    const time = end === 'left out' ? '' : `${seconds.toFixed(1)} s`
    return `${end.padEnd(8)}  ${name.padEnd(width)}  ${time.padStart(7)}  ${words}`
  })
  const count = (end: Outcome['end']): number => outcomes.filter((one) => one.end === end).length
  return [
    ...rows,
    '',
    `${count('done')} done, ${count('left out')} left out, ${count('failed')} failed`,
  ].join('\n')
}
