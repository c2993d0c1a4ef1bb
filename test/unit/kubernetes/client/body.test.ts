import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MalformedLine, watchLines } from '../../../../src/kubernetes/client/body.ts'

async function* inChunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0
  for (const size of sizes) {
    yield bytes.subarray(start, start + size)
    start += size
  }
  yield bytes.subarray(start)
}

async function collect(bytes: Uint8Array, sizes: readonly number[], maxBytes = 1000): Promise<unknown[]> {
  const lines: unknown[] = []
  for await (const line of watchLines(inChunks(bytes, sizes), maxBytes)) lines.push(line)
  return lines
}

test('lines are the same wherever the network cuts them, also within a character', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ text: fc.string({ unit: 'grapheme', maxLength: 20 }) }), { maxLength: 10 }),
      fc.array(fc.nat(30), { maxLength: 30 }),
      async (objects, sizes) => {
        const text = objects.map((object) => `${JSON.stringify(object)}\n`).join('')
        expect(await collect(Buffer.from(text), sizes)).toEqual(objects)
      },
    ),
  )
})

test('half a line at the end is left out, because the connection was cut', async () => {
  expect(await collect(Buffer.from('{"a":1}\n{"b":'), [])).toEqual([{ a: 1 }])
})

test('empty lines are nothing', async () => {
  expect(await collect(Buffer.from('\n{"a":1}\n\n'), [])).toEqual([{ a: 1 }])
})

test.each([
  ['no JSON', '<html>\n', []],
  ['too long', `"${'x'.repeat(2000)}`, []],
  ['too long in many chunks', `"${'x'.repeat(2000)}`, Array.from({ length: 19 }, () => 100)],
])('a line that is %s is malformed', async (_name, text, sizes) => {
  await expect(collect(Buffer.from(text), sizes)).rejects.toBeInstanceOf(MalformedLine)
})
