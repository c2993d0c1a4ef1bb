import type { IncomingMessage } from 'node:http'
import { Refusal, codes } from './errors.ts'
import type { Settings } from './settings.ts'

const MAX_BODY_BYTES = 1_048_576

/** The whole body as text, or `undefined` when it is larger than one mebibyte or ended early. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > MAX_BODY_BYTES) return undefined
      chunks.push(chunk)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The parameters of a form; a body of any other kind, JSON above all, holds none, as at Twilio. */
export function readForm(contentType: string | undefined, body: string): URLSearchParams {
  const mediaType = contentType?.split(';')[0]?.trim().toLowerCase()
  return new URLSearchParams(mediaType === 'application/x-www-form-urlencoded' ? body : '')
}

/** A parameter that must be there; it may be empty. Throws a Refusal. */
export function required(form: URLSearchParams, name: string, settings: Settings): string {
  const value = form.get(name)
  if (value === null) throw missing(name, settings)
  return value
}

export function missing(name: string, settings: Settings): Refusal {
  return new Refusal(400, settings.missingParameterCode, `Missing required parameter ${name}`)
}

/** A whole number from 0 up, or `undefined` when the parameter is not there. Throws a Refusal. */
export function wholeNumber(values: URLSearchParams, name: string, code: number): number | undefined {
  const text = values.get(name)
  if (text === null) return undefined
  if (!/^\d{1,9}$/.test(text)) throw new Refusal(400, code, `${name} is not a whole number`)
  return Number(text)
}

/** The schema version of an event type; the newest, here always 1, when none is asked for. */
export function schemaVersion(form: URLSearchParams): number {
  return wholeNumber(form, 'SchemaVersion', codes.badParameter) ?? 1
}
