import type { Dispatcher } from 'undici'
import type { ApiCall } from './call.ts'
import { AnswerTooLong, halfAnAnswer } from './failure.ts'

/** An answer that was read. */
export interface Body {
  readonly value: unknown
  /** Of its text. */
  readonly bytes: number
}

/** The whole body. Rejects, and thereby ends the transfer, when there are more than `maxBytes`. */
async function readBounded(body: AsyncIterable<unknown>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue
    bytes += chunk.length
    if (bytes > maxBytes) throw new AnswerTooLong('The answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}

/** Far above the 1.5 MiB that etcd stores of an object; a LIST says itself what it takes. */
const MAX_BODY_BYTES = 64 * 1024 * 1024

/** The JSON of an answer. */
export async function parseBody({ body }: Dispatcher.ResponseData, maxBytes = MAX_BODY_BYTES): Promise<Body> {
  const text = await readBounded(body, maxBytes)
  return { value: JSON.parse(text.toString('utf8')), bytes: text.length }
}

/** The same, of a 2xx: what is no JSON is half an answer. */
export async function readBody(call: ApiCall, response: Dispatcher.ResponseData): Promise<Body> {
  try {
    return await parseBody(response, call.maxBytes)
  } catch (error) {
    if (error instanceof SyntaxError) throw halfAnAnswer(call, response.statusCode)
    throw error
  }
}

/** The stream holds something that is no line of JSON. */
export class MalformedLine extends Error {}

const NEWLINE = 0x0a

/**
 * The lines of a watch, each parsed. Chunks may end anywhere. What follows the last newline is half a line: the
 * connection was cut, and it is left out. Throws `MalformedLine`, also for a line of more than `maxBytes`.
 */
export async function* watchLines(chunks: AsyncIterable<unknown>, maxBytes: number): AsyncGenerator<unknown> {
  let parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) continue
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const line = Buffer.concat([...parts, chunk.subarray(start, end)])
      parts = []
      length = 0
      start = end + 1
      if (line.length > 0) yield parseLine(line)
    }
    length += chunk.length - start
    if (length > maxBytes) throw new MalformedLine('A line of a watch is too long')
    if (start < chunk.length) parts.push(chunk.subarray(start))
  }
}

function parseLine(line: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'))
    return value
  } catch (error) {
    throw new MalformedLine('A line of a watch is not JSON', { cause: error })
  }
}
