import { z } from 'zod'

/** What an error body of Twilio says, whichever of its shapes it has. Texts are as received: not redacted yet. */
export interface ErrorBody {
  readonly code: number | undefined
  readonly message: string | undefined
  readonly moreInfo: string | undefined
}

const code = z
  .union([
    z.int(),
    z
      .string()
      .regex(/^\d{1,9}$/u)
      .transform(Number),
  ])
  .optional()
  .catch(undefined)
const text = z.string().optional().catch(undefined)
const number = z.number().optional().catch(undefined)

/**
 * The union of three shapes: classic (`code`, `message`, `more_info`, `status`), RFC 9457 (`type`, `title`, `detail`,
 * `status`, `code`) and that of the API standards v1.0 (`code`, `message`, `httpStatusCode`).
 */
const body = z.object({
  code,
  message: text,
  title: text,
  detail: text,
  more_info: text,
  type: text,
  status: number,
  httpStatusCode: number,
})

/**
 * Undefined unless this is Twilio's: it has a code, or words together with the status of the answer. A page of a proxy
 * in between, or half an answer, is not Twilio speaking and must not decide anything.
 */
export function readErrorBody(status: number, responseBody: string | undefined): ErrorBody | undefined {
  const parsed = body.safeParse(parseJson(responseBody))
  if (!parsed.success) return undefined
  const seen = parsed.data
  const message = seen.message ?? wordsOf(seen.title, seen.detail)
  const saysStatus = seen.status === status || seen.httpStatusCode === status
  if (seen.code === undefined && !(saysStatus && message !== undefined)) return undefined
  return { code: seen.code, message, moreInfo: twilioPage(seen.more_info) ?? twilioPage(seen.type) }
}

/** The value of a JSON text; undefined if it is none. */
export function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function wordsOf(title: string | undefined, detail: string | undefined): string | undefined {
  if (title === undefined || detail === undefined) return title ?? detail
  return `${title}: ${detail}`
}

/** Links are shown to people who will click on them: only Twilio's own, and without query or fragment. */
function twilioPage(link: string | undefined): string | undefined {
  const url = link === undefined ? null : URL.parse(link)
  if (url?.origin !== 'https://www.twilio.com' || url.username !== '') return undefined
  const page = `${url.origin}${url.pathname}`
  return page.length <= 256 ? page : undefined
}
