import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listPages } from '../../../src/kubernetes/cache/list-pages.ts'
import { resourcePath } from '../../../src/kubernetes/client/call.ts'
import { FakeApiServer, WIDGETS } from './fake-api-server.ts'
import { connect } from './widget-store.ts'

const KILOBYTES_250 = { annotations: { 'team.example.com/note': 'x'.repeat(250_000) } }
const MEBIBYTE = 1024 * 1024

async function serve(): Promise<FakeApiServer> {
  const server = await new FakeApiServer().start()
  onTestFinished(() => server.close())
  return server
}

async function listed(server: FakeApiServer): Promise<string[]> {
  const connection = connect(server.url)
  const names: string[] = []
  const signal = new AbortController().signal
  await listPages({ connection, path: resourcePath(WIDGETS, ''), signal }, (objects) => {
    for (const object of objects) names.push((object as { metadata: { name: string } }).metadata.name)
  })
  await connection.close()
  return names
}

const put = (server: FakeApiServer, count: number, prefix: string, metadata = {}): string[] =>
  Array.from({ length: count }, (_, index) => server.put(`${prefix}-${index}`, {}, metadata).metadata.name)

describe('a LIST', () => {
  it('of short objects takes few pages', async () => {
    const server = await serve()
    const names = put(server, 1_200, 'short')
    expect(await listed(server)).toEqual(names)
    expect(server.counts.list).toBeLessThanOrEqual(4)
  })

  it.each([
    ['long objects alone', 0],
    ['short ones first, which let one expect long pages', 100],
  ])('is complete, in pages of a few megabytes, where there are %s', async (_what, short) => {
    const server = await serve()
    const names = [...put(server, short, 'a-short'), ...put(server, 100, 'b-long', KILOBYTES_250)]
    expect(await listed(server)).toEqual(names)
    expect(Math.max(...server.pageBytes)).toBeLessThan(16 * MEBIBYTE)
  })
})

/** Megabytes that a process has at most in memory while it fills its cache, as the operator does when it starts. */
async function memoryToCache(server: FakeApiServer): Promise<number> {
  const script = join(import.meta.dirname, 'cache-process.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--max-semi-space-size=16',
    script,
    server.url,
  ])
  return Number(stdout)
}

it('400 objects with 250 kB of annotations each take little more memory than 400 without', async () => {
  const [short, long] = [await serve(), await serve()]
  put(short, 400, 'short')
  put(long, 400, 'long', KILOBYTES_250)
  const control = await memoryToCache(short)
  // The chart's limit is 512 MiB, and the rest of the operator needs some of it.
  expect((await memoryToCache(long)) - control).toBeLessThan(128)
}, 60_000)
