import type { Ended } from './test-run.ts'

/** About how much longer than a unit test one of a project takes, to guess what is left. */
const WEIGHTS: Readonly<Record<string, number>> = { unit: 1, http: 2, model: 10, cluster: 25 }
const weightOf = (project: string): number => WEIGHTS[project] ?? 1

export interface VariantProgress {
  /** Runs one test and tells how it ended and how long the rest will take. */
  step(project: string, what: string, work: () => Promise<Ended>): Promise<Ended>
}

/** @param projects of all tests that are to be run */
export function startProgress(projects: readonly string[]): VariantProgress {
  const began = performance.now()
  const all = projects.reduce((sum, project) => sum + weightOf(project), 0)
  let done = 0
  let steps = 0
  return {
    step: async (project, what, work) => {
      const ended = await work()
      done += weightOf(project)
      steps += 1
      const left = ((performance.now() - began) / done) * (all - done)
      const count = `${steps}/${projects.length}`.padStart(7)
      console.log(`${count}  ${minutes(left).padStart(7)} left  ${ended.kind.padEnd(20)} ${what}`)
      if (ended.kind !== 'passed') console.log(`${' '.repeat(23)}${ended.because}`)
      return ended
    },
  }
}

function minutes(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`
}
