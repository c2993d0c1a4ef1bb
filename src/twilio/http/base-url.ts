/** Where Twilio is: everything is sent to this origin, below this path, and nowhere else. */
export interface BaseUrl {
  readonly origin: string
  /** Empty, or begins with a slash and does not end with one. */
  readonly prefix: string
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/u

/** What is wrong with a base URL, in words that do not quote it (it may hold a password); undefined if nothing is. */
export function baseUrlProblem(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null) return 'is not a URL'
  if (url.username !== '' || url.password !== '') return 'must not contain credentials'
  if (url.search !== '' || url.hash !== '') return 'must have neither query nor fragment'
  if (url.protocol === 'https:') return undefined
  if (url.protocol === 'http:' && LOOPBACK.test(url.hostname)) return undefined
  return 'must begin with https:// (http:// is for loopback only)'
}

/** Throws a RangeError for what `baseUrlProblem` objects to. */
export function readBaseUrl(text: string): BaseUrl {
  const problem = baseUrlProblem(text)
  if (problem !== undefined) throw new RangeError(`The base URL of Twilio ${problem}`)
  const url = new URL(text)
  return { origin: url.origin, prefix: withoutSlashes(url.pathname) }
}

function withoutSlashes(path: string): string {
  let end = path.length
  while (end > 0 && path.charAt(end - 1) === '/') end -= 1
  return path.slice(0, end)
}
