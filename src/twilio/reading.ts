import type { z } from 'zod'
import type { Reading } from './call.ts'
import { parseJson } from './error-body.ts'

/** Reads JSON by a schema. The problem names at most three places and no value of the answer. */
export function readJson<T>(schema: z.ZodType<T>): (body: string | undefined) => Reading<T> {
  return (body) => {
    const json = parseJson(body)
    if (json === undefined) return { readable: false, problem: 'no JSON' }
    const parsed = schema.safeParse(json)
    if (parsed.success) return { readable: true, value: parsed.data }
    return { readable: false, problem: placesOf(parsed.error) }
  }
}

/** For an answer whose status says everything. */
export const readNothing = (): Reading<void> => ({ readable: true, value: undefined })

/** Only what the value itself says is accepted; `problem` is shown otherwise. */
export function readOnlyIf<T>(
  read: (body: string | undefined) => Reading<T>,
  accept: (value: T) => boolean,
  problem: string,
): (body: string | undefined) => Reading<T> {
  return (body) => {
    const reading = read(body)
    return reading.readable && !accept(reading.value) ? { readable: false, problem } : reading
  }
}

function placesOf(error: z.ZodError): string {
  const places = error.issues.slice(0, 3).map((issue) => issue.path.map(String).join('.') || 'the whole')
  return `not as expected: ${places.join(', ')}`
}
