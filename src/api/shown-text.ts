/** What is done to a text from outside before people see it. Linear, whatever stands in it. */

/** Stands for what nobody may read. */
export const REDACTED = '[redacted]'

/** A message becomes one line of a log and of a table: no line breaks, no invisible characters. */
export function withoutControls(text: string): string {
  return text.toWellFormed().replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
}

const SCHEME_END = /:\/\/|%3a%2f%2f/giu
const URL_END = /[\s"'<>]/gu
const OF_SCHEME = /[a-z0-9+.-]/iu
const LETTER = /[a-z]/iu

/** Each URL is found by what follows its scheme, and read to both sides once. */
export function withoutUrls(text: string): string {
  const kept: string[] = []
  let at = 0
  for (const { index, 0: separator } of text.matchAll(SCHEME_END)) {
    const begin = schemeBefore(text, at, index)
    if (begin === undefined) continue
    const end = endOfUrl(text, index + separator.length)
    const url = text.slice(begin, end)
    kept.push(text.slice(at, begin), isTwilios(url) ? url : REDACTED)
    at = end
  }
  return [...kept, text.slice(at)].join('')
}

/** Where the scheme begins that ends at `end`; undefined: there is none behind `from`. */
function schemeBefore(text: string, from: number, end: number): number | undefined {
  let begin = end
  while (begin > from && OF_SCHEME.test(text.charAt(begin - 1))) begin -= 1
  while (begin < end && !LETTER.test(text.charAt(begin))) begin += 1
  return begin < end ? begin : undefined
}

function endOfUrl(text: string, from: number): number {
  URL_END.lastIndex = from
  return URL_END.exec(text)?.index ?? text.length
}

const isTwilios = (url: string): boolean => /^https:\/\/www\.twilio\.com(\/[\w./-]*)?$/iu.test(url)
