import { afterEach, beforeEach, expect, test } from 'vitest'
import { startProxy, type Proxy } from './proxy.ts'
import type { LineAction } from './rule.ts'
import { startUpstream, type UpstreamUnderTest } from './upstream-under-test.ts'

let upstream: UpstreamUnderTest
let proxy: Proxy

beforeEach(async () => {
  upstream = await startUpstream()
  proxy = await startProxy({ kubernetes: upstream, twilio: upstream })
})
afterEach(async () => {
  await proxy.stop()
  await upstream[Symbol.asyncDispose]()
})

const event = (name: string): string => JSON.stringify({ type: 'ADDED', object: { name } })
const EVENT = { name: 'kubernetes:EVENT:sinks' }

interface Watching {
  readonly text: () => string
  /** How it ended, if it did. */
  readonly end: () => 'ended' | 'broken' | undefined
  readonly stop: () => void
}

async function watch(): Promise<Watching> {
  const abort = new AbortController()
  const path = '/apis/events.twilio.com/v1alpha1/sinks?watch=true'
  const { body } = await fetch(`${proxy.kubernetesUrl}${path}`, { signal: abort.signal })
  let text = ''
  let end: ReturnType<Watching['end']>
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder()
    for await (const chunk of body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true })
  }
  void read().then(
    () => (end = 'ended'),
    () => (end = 'broken'),
  )
  return { text: () => text, end: () => end, stop: () => abort.abort() }
}

test('lines pass as they come, and each is noted', async () => {
  const watching = await watch()
  upstream.say(event('a'))
  await expect.poll(watching.text).toBe(`${event('a')}\n`)
  upstream.say('{"type":"BOOKMARK","object":{}}')
  await expect
    .poll(() => proxy.log().map(({ name }) => name))
    .toEqual(['kubernetes:WATCH:sinks', 'kubernetes:EVENT:sinks', 'kubernetes:BOOKMARK:sinks'])
})

test('a watch that the operator leaves is left at the server, too', async () => {
  const watching = await watch()
  await expect.poll(() => upstream.watches()).toBe(1)
  watching.stop()
  await expect.poll(() => upstream.watches()).toBe(0)
})

interface Case {
  readonly action: LineAction
  /** The names that pass of `a`, `b` and `c`, of which `b` is struck; an error counts as `410`. */
  readonly passes: string
  readonly end: 'ended' | 'broken' | undefined
}

const CASES: readonly Case[] = [
  { action: { kind: 'freeze' }, passes: 'a', end: undefined },
  { action: { kind: 'drop', ms: 50 }, passes: 'a', end: 'broken' },
  { action: { kind: 'omit' }, passes: 'ac', end: undefined },
  { action: { kind: 'gone' }, passes: 'a410', end: 'ended' },
  { action: { kind: 'half' }, passes: 'a', end: 'broken' },
  { action: { kind: 'hold' }, passes: 'a', end: undefined },
  { action: { kind: 'delay', ms: 50 }, passes: 'abc', end: undefined },
  { action: { kind: 'note' }, passes: 'abc', end: undefined },
]

test.each(CASES)('$action: of a, b and c pass $passes', async ({ action, passes, end }) => {
  const armed = proxy.onLine({ match: EVENT, after: 1, action })
  const watching = await watch()
  for (const name of ['a', 'b', 'c']) upstream.say(event(name))
  expect((await armed.struck).body).toBe(event('b'))
  const names = (): string =>
    [...watching.text().matchAll(/"name":"(\w)"|"code":(410)/gu)].map(([, n, c]) => n ?? c).join('')
  await expect.poll(() => [names(), watching.end()]).toEqual([passes, end])
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect([names(), watching.end()]).toEqual([passes, end])
})

test('a held line passes with all that follows when it is released', async () => {
  const armed = proxy.onLine({ match: EVENT, action: { kind: 'hold' } })
  const watching = await watch()
  upstream.say(event('a'))
  upstream.say(event('b'))
  await armed.struck
  armed.release()
  await expect.poll(watching.text).toBe(`${event('a')}\n${event('b')}\n`)
})
