import type { NotAsExpected } from './waiting.ts'

/** What a person reads: seconds since the start, who, and what happened. */
export interface Timeline {
  heading(text: string): void
  say(text: string): void
  /** Something done by hand, so that readers can do it too. */
  done(text: string): void
  /** A quotation of several lines. */
  quote(text: string): void
  /** A change of a Sink or at Twilio. */
  change(who: string, what: string): void
  passed(what: string, ms: number): void
  failed(what: string, why: NotAsExpected | string): void
}

const MARGIN = ' '.repeat(12)
const WIDTH = 110

export function createTimeline(write: (line: string) => void, began: number): Timeline {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
  const at = (): string => seconds(performance.now() - began).padStart(8)
  const below = (text: string): void => {
    for (const line of text.split('\n').flatMap(wrapped)) write(`${MARGIN}${line}`)
  }
  return {
    heading: (text) => write(`\n${text}`),
    say: (text) => write(`${at()}  ${text}`),
    done: (text) => write(`${at()}  $ ${text}`),
    quote: below,
    change: (who, what) => write(`${at()}    ${who.padEnd(10)} ${what}`),
    passed: (what, ms) => write(`${at()}  ✓ ${what} (${seconds(ms)})`),
    failed: (what, why) => {
      write(`${at()}  ✗ ${what}`)
      below(typeof why === 'string' ? why : `expected: ${why.expected}\nseen:     ${why.seen}`)
    },
  }
}

/** Breaks at spaces; words that are longer stay whole, so that they can be copied. */
function wrapped(line: string): string[] {
  const indent = /^ */u.exec(line)?.[0] ?? ''
  const lines: string[] = []
  let current = ''
  for (const word of line.trim().split(/(?<=\S) /u)) {
    if (current !== '' && indent.length + current.length + word.length >= WIDTH) {
      lines.push(indent + current)
      current = ''
    }
    current = current === '' ? word : `${current} ${word}`
  }
  return [...lines, indent + current]
}
