import { z } from 'zod'

/** What an error body of Twilio says, whichever of its shapes it has. The words are as received: not redacted yet. */
export interface ErrorBody {
  readonly code: number | undefined
  readonly message: string | undefined
}

/** Twilio's codes have five or six digits. What is longer is none, and is not shown as one. */
const code = z
  .union([
    z.int().min(1).max(999_999),
    z
      .string()
      .regex(/^\d{1,6}$/u)
      .transform(Number),
  ])
  .optional()
  .catch(undefined)
const text = z.string().optional().catch(undefined)
const number = z.number().optional().catch(undefined)

/**
 * The union of three shapes: classic (`code`, `message`, `more_info`, `status`), RFC 9457 (`type`, `title`, `detail`,
 * `status`, `code`) and that of the API standards v1.0 (`code`, `message`, `httpStatusCode`). Links are not read: the
 * page about a code is known, and a link could be anything.
 */
const body = z.object({
  code,
  message: text,
  title: text,
  detail: text,
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
  return { code: seen.code, message }
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
