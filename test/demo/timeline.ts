/** What a person reads: seconds since the start, what happened, and whether it is what it should be. */
export interface Timeline {
  heading(text: string): void
  say(text: string): void
  /** A change of a Sink, as kubectl's watch showed it. */
  change(name: string, what: string): void
  passed(what: string, ms: number): void
  failed(what: string, why: string): void
}

export function createTimeline(write: (line: string) => void, began: number): Timeline {
  const at = (): string => `${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s`
  return {
    heading: (text) => {
      write(`\n${text}`)
    },
    say: (text) => {
      write(`${at()}  ${text}`)
    },
    change: (name, what) => {
      write(`${at()}    ${name.padEnd(10)} ${what}`)
    },
    passed: (what, ms) => {
      write(`${at()}  ✓ ${what} (${(ms / 1000).toFixed(1)} s)`)
    },
    failed: (what, why) => {
      write(`${at()}  ✗ ${what}: ${why}`)
    },
  }
}
