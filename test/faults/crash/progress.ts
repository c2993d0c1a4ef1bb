import { isViolation, type Result } from './results.ts'

/** Tells how far a run is, on one line at most every few seconds. */
export interface Progress {
  add(result: Result, evidence: string | undefined): void
}

const EVERY_MS = 10_000

export function createProgress(total: number, print: (line: string) => void): Progress {
  const began = performance.now()
  let done = 0
  let violations = 0
  let notInjected = 0
  let told = began
  return {
    add: (result, evidence) => {
      done += 1
      if (!result.injected) notInjected += 1
      if (isViolation(result)) violations += 1
      if (isViolation(result) || !result.injected) print(problem(result, evidence))
      const now = performance.now()
      if (now - told < EVERY_MS && done < total) return
      told = now
      const minutes = (((now - began) / done) * (total - done)) / 60_000
      print(
        `${done} of ${total} cells, ${violations} violations, ${notInjected} not injected, about ${minutes.toFixed(1)} min left`,
      )
    },
  }
}

function problem(result: Result, evidence: string | undefined): string {
  const { cell, injected, tries, duplicates, leaks, wrongDeletions, others } = result
  const counts = `${duplicates} duplicates, ${leaks} leaks, ${wrongDeletions} wrong deletions`
  const what = isViolation(result) ? `${counts}; ${others.join('; ')}` : `not injected in ${tries} tries`
  return `${injected ? 'VIOLATION' : 'MISSED'} ${cell}: ${what}\n  ${evidence ?? ''}`
}
