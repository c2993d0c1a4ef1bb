import { getEventListeners } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, test } from 'vitest'
import { eventually } from '../../rigs/until.ts'
import { FakeApiServer, statusAnswer, type Takeover } from './fake-api-server.ts'
import { runWidgetStore, sizeOf, type RunningStore } from './widget-store.ts'

interface World {
  readonly server: FakeApiServer
  readonly running: RunningStore
}

/** A server with one object, and a store that has seen it and watches. */
const it = test.extend<{ world: World }>({
  world: async ({}, use) => {
    const server = await new FakeApiServer().start()
    server.put('old', { size: 1 })
    const running = runWidgetStore(server.url)
    await eventually(() => running.store.hasSynced() && server.counts.watch > 0)
    await use({ server, running })
    await running.stop()
    await server.close()
  },
})

/** Answers 200, then `write`s. */
const stream =
  (write: (response: ServerResponse) => void): Takeover =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    write(response)
  }

const errorEvent = (code: number): Takeover =>
  stream((response) => {
    response.end(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code } })}\n`)
  })

const added = (name: string, version: number): string =>
  JSON.stringify({
    type: 'ADDED',
    object: {
      metadata: { name, namespace: 'default', uid: name, resourceVersion: String(version) },
      spec: {},
    },
  })

const EXPIRED = `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410 } })}\n`

const FAULTS: Record<string, Takeover> = {
  '410 on connect': statusAnswer(410),
  '410 as ERROR event': errorEvent(410),
  '500 as ERROR event': errorEvent(500),
  '429 as ERROR event': errorEvent(429),
  500: statusAnswer(500),
  503: statusAnswer(503),
  429: statusAnswer(429, { 'retry-after': '1' }),
  403: statusAnswer(403),
  401: statusAnswer(401),
  404: statusAnswer(404),
  'a reset before the headers': (response) => response.socket?.destroy(),
  'a reset in the middle': stream((response) => setTimeout(() => response.socket?.destroy(), 20)),
  'half a line': stream((response) => response.end(added('half', 999).slice(0, 40))),
  'a line that is no JSON': stream((response) => response.end('<html>\n')),
  'an event of an unknown type': stream((response) => response.end('{"type":"PARTY","object":{}}\n')),
  'an event without a version': stream((response) => response.end('{"type":"ADDED","object":{}}\n')),
  'an end at once': stream((response) => response.end()),
  'no headers': () => undefined,
  'no byte ever': stream(() => undefined),
}

describe.concurrent('list-watch', () => {
  it.for(Object.entries(FAULTS))(
    'heals by itself after three times %s',
    async ([, fault], { world, expect }) => {
      const { server, running } = world
      const before = { ...server.counts }
      server.takeovers.watch.push(fault, fault, fault)
      server.cut()
      await eventually(() => server.takeovers.watch.length === 0)
      // Each watch of a second is followed by another one afterwards.
      const watches = server.counts.watch - before.watch
      server.put('new', { size: 7 })
      await eventually(() => sizeOf(running.store, 'new') === 7)
      expect(sizeOf(running.store, 'old')).toBe(1)
      expect(sizeOf(running.store, 'half')).toBeUndefined()
      expect(watches).toBeLessThanOrEqual(6)
      expect(server.counts.list - before.list).toBeLessThanOrEqual(4)
    },
  )

  it.for<[string, Takeover]>([
    ['500', statusAnswer(500)],
    ['429', statusAnswer(429, { 'retry-after': '1' })],
    ['403', statusAnswer(403)],
    ['404', statusAnswer(404)],
    ['resets', (response) => response.socket?.destroy()],
  ])(
    'answers an outage of %s with few attempts and one line, and recovers',
    async ([, outage], { world, expect }) => {
      const { server, running } = world
      server.outage = outage
      server.cut()
      const before = server.counts.list + server.counts.check + server.counts.watch
      await new Promise((resolve) => setTimeout(resolve, 1500))
      const attempts = server.counts.list + server.counts.check + server.counts.watch - before
      // Delays of 60, 120, 240, 480, 960 ms, and more of them where the pause was longer.
      expect(attempts).toBeGreaterThanOrEqual(3)
      expect(attempts).toBeLessThanOrEqual(12)
      expect(running.logged.length).toBeLessThanOrEqual(2)
      server.outage = undefined
      server.put('new', { size: 7 })
      await eventually(() => sizeOf(running.store, 'new') === 7)
    },
  )

  it.for<[string, Takeover]>([
    ['ends at once', stream((response) => response.end())],
    [
      'ends at once after an event',
      stream((response) => {
        response.end(`${added('busy', 150)}\n`)
      }),
    ],
    ['is expired', statusAnswer(410)],
    ['is expired after an event', stream((response) => response.end(`${added('busy', 150)}\n${EXPIRED}`))],
  ])('does not storm an API server whose every watch %s', async ([, fault], { world, expect }) => {
    const { server } = world
    server.takeovers.watch.push(...Array.from({ length: 500 }, () => fault))
    server.cut()
    const began = performance.now()
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const attempts = 500 - server.takeovers.watch.length
    expect(attempts).toBeGreaterThanOrEqual(3)
    expect(attempts).toBeLessThanOrEqual((30 * (performance.now() - began)) / 1500)
  })

  it('keeps what it knows while the API server is away', async ({ world: { server, running }, expect }) => {
    server.outage = statusAnswer(500)
    server.cut()
    await eventually(() => running.restarts.length > 1)
    expect(sizeOf(running.store, 'old')).toBe(1)
  })

  it('does not list again while only bookmarks come', async ({ world: { server, running }, expect }) => {
    const before = server.counts.list
    for (let i = 0; i < 3; i += 1) {
      server.put('old', { size: i })
      await eventually(() => sizeOf(running.store, 'old') === i)
      const { watch } = server.counts
      await eventually(() => server.counts.watch > watch)
    }
    expect(server.counts.list - before).toBe(0)
    expect(new Set(running.restarts)).toEqual(new Set(['ended']))
  })

  it('asks for the revision after a watch without a heartbeat, and goes on from where it was', async ({
    world: { server },
    expect,
  }) => {
    await eventually(() => server.counts.check > 0)
    await eventually(() => server.counts.watch > 1)
    expect(server.counts.list).toBe(1)
  })

  it('finds deletions and changes that happened while it could not watch', async ({
    world: { server, running },
    expect,
  }) => {
    server.put('gone', { size: 3 })
    await eventually(() => sizeOf(running.store, 'gone') === 3)
    server.outage = statusAnswer(500)
    server.cut()
    server.remove('gone')
    server.put('old', { size: 2 })
    server.put('born-unseen', { size: 4 })
    server.compact()
    server.outage = undefined
    await eventually(() => sizeOf(running.store, 'born-unseen') === 4)
    expect(running.store.get('default/gone')).toBeUndefined()
    expect(sizeOf(running.store, 'old')).toBe(2)
    const unseen = running.changes.find(({ key }) => key === 'default/born-unseen')
    expect(unseen).toMatchObject({ origin: 'list', born: false })
  })

  it('is not deaf after a restore of etcd, when versions begin again lower', async ({
    world: { server, running },
  }) => {
    for (let i = 0; i < 20; i += 1) server.put('old', { size: i })
    await eventually(() => sizeOf(running.store, 'old') === 19)
    server.cut()
    server.restore(50)
    server.put('old', { size: 5 })
    await eventually(() => sizeOf(running.store, 'old') === 5)
    server.put('old', { size: 6 })
    await eventually(() => sizeOf(running.store, 'old') === 6)
  })

  it('tells what it has found at the start from what it has seen being born', async ({
    world: { server, running },
    expect,
  }) => {
    server.put('new', { size: 2 })
    await eventually(() => sizeOf(running.store, 'new') === 2)
    server.remove('new')
    await eventually(() => running.store.get('default/new') === undefined)
    expect(running.changes.map(({ key, origin, born }) => [key, origin, born])).toEqual([
      ['default/old', 'first-list', false],
      ['default/new', 'watch', true],
      ['default/new', 'watch', false],
    ])
  })

  it('shows an object that was deleted and made again as one of another UID', async ({
    world: { server, running },
    expect,
  }) => {
    const before = running.store.get('default/old')
    server.remove('old')
    server.put('old', { size: 9 })
    await eventually(() => sizeOf(running.store, 'old') === 9)
    const uids = [before, running.store.get('default/old')].map((held) =>
      held?.readable === true ? held.object.metadata.uid : undefined,
    )
    expect(new Set(uids).size).toBe(2)
  })

  it('reports an object that it cannot read and goes on with the others', async ({
    world: { server, running },
    expect,
  }) => {
    server.put('unreadable', { size: 'large' })
    server.put('poison', { poison: true })
    server.put('new', { size: 7 })
    await eventually(() => sizeOf(running.store, 'new') === 7)
    expect(running.store.get('default/unreadable')).toMatchObject({ readable: false, problem: 'spec.size' })
    expect(running.store.get('default/poison')).toMatchObject({ readable: false })
    server.put('poison', { size: 3 })
    await eventually(() => sizeOf(running.store, 'poison') === 3)
  })

  it('isolates a listener that throws', async ({ world: { server, running } }) => {
    running.store.onChange(() => {
      throw new Error('defect')
    })
    const seen: string[] = []
    running.store.onChange(({ key }) => seen.push(key))
    server.put('new', { size: 7 })
    await eventually(() => seen.includes('default/new'))
    server.put('newer', { size: 8 })
    await eventually(() => seen.includes('default/newer'))
  })

  it('keeps nothing that no reconcile reads: it is of any length, and of other programs', async ({
    world: { server, running },
    expect,
  }) => {
    const mine = { 'events.twilio.com/create-attempt': 'journal' }
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': 'ballast', ...mine }
    server.put('fat', { size: 1 }, { managedFields: [{}], labels: { ballast: 'ballast' }, annotations })
    await eventually(() => sizeOf(running.store, 'fat') === 1)
    const held = running.store.get('default/fat')
    expect(held?.readable === true && held.object.metadata).toMatchObject({ annotations: mine })
    expect(JSON.stringify(held)).not.toMatch(/managedFields|ballast/u)
  })

  it('leaves nothing behind on its signal, however often it begins again', async ({
    world: { server, running },
    expect,
  }) => {
    for (let i = 0; i < 6; i += 1) {
      const { watch } = server.counts
      server.cut()
      await eventually(() => server.counts.watch > watch)
      server.put('old', { size: 100 + i })
      await eventually(() => sizeOf(running.store, 'old') === 100 + i)
    }
    expect(getEventListeners(running.signal, 'abort').length).toBeLessThanOrEqual(3)
  })

  it('opens no watch after its end', async ({ world: { server, running }, expect }) => {
    await running.stop()
    const before = server.counts.watch
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(server.counts.watch).toBe(before)
  })
})

test('waits for a kind that is not served yet, with one clear line', async ({ expect }) => {
  const missing = await new FakeApiServer().start()
  missing.outage = statusAnswer(404)
  const waiting = runWidgetStore(missing.url)
  await eventually(() => missing.counts.list > 3)
  expect(waiting.store.hasSynced()).toBe(false)
  expect(waiting.logged.length).toBe(1)
  missing.outage = undefined
  missing.put('first', { size: 1 })
  await eventually(() => sizeOf(waiting.store, 'first') === 1)
  await waiting.stop()
  await missing.close()
})
