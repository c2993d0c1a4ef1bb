import type { Readable } from 'node:stream'

/** The body as text; undefined when it breaks off or is longer than `maxBytes`: then nothing more is read of it. */
export async function readBody(body: Readable, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of body) {
      if (!(chunk instanceof Uint8Array)) return undefined
      bytes += chunk.byteLength
      if (bytes > maxBytes) return undefined
      chunks.push(chunk)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(chunks).toString('utf8')
}
