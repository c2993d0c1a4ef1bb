import type { Dispatcher } from 'undici'
import type { ApiCall } from './call.ts'
import { halfAnAnswer } from './failure.ts'

/** The whole body as text. Rejects, and thereby ends the transfer, when there are more than `maxBytes`. */
async function readBounded(body: AsyncIterable<unknown>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue
    bytes += chunk.length
    if (bytes > maxBytes) throw new RangeError('The answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes).toString('utf8')
}

const MAX_BODY_BYTES = 256 * 1024 * 1024

/** The JSON of an answer. */
export async function parseBody({ body }: Dispatcher.ResponseData): Promise<unknown> {
  const value: unknown = JSON.parse(await readBounded(body, MAX_BODY_BYTES))
  return value
}

/** The same, of a 2xx: what is no JSON is half an answer. */
export async function readValue(call: ApiCall, response: Dispatcher.ResponseData): Promise<unknown> {
  try {
    return await parseBody(response)
  } catch (error) {
    if (error instanceof SyntaxError) throw halfAnAnswer(call, response.statusCode)
    throw error
  }
}
