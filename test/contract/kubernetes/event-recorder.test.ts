import { describe, test } from 'vitest'
import { eventually } from '../../rigs/until.ts'
import {
  SendingEventRecorder,
  type EventRecorderOptions,
} from '../../../src/kubernetes/events/event-recorder.ts'
import type { ObjectEvent } from '../../../src/reconciler/ports.ts'
import { FakeApiServer, statusAnswer, type Takeover } from './fake-api-server.ts'
import { connect } from './widget-store.ts'

interface Sent {
  readonly method: string
  readonly path: string
  readonly body: Record<string, unknown>
}

interface World {
  readonly server: FakeApiServer
  readonly sent: Sent[]
  readonly dropped: string[]
  readonly time: { now: number }
  readonly recorder: (options?: Partial<EventRecorderOptions>) => SendingEventRecorder
}

const it = test.extend<{ world: World }>({
  world: async ({}, use) => {
    const server = await new FakeApiServer().start()
    const connection = connect(server.url)
    const [sent, dropped, time]: [Sent[], string[], { now: number }] = [[], [], { now: 1_700_000_000_123 }]
    server.outage = (response, request) => {
      let text = ''
      request.on('data', (chunk: Buffer) => (text += chunk.toString()))
      request.on('end', () => {
        sent.push({ method: request.method ?? '', path: request.url ?? '', body: JSON.parse(text) })
        response.end('{}')
      })
    }
    const recorder: World['recorder'] = (options) =>
      new SendingEventRecorder({
        connection,
        clock: { now: () => time.now, monotonic: () => time.now },
        random: () => 0.5,
        reporter: { controller: 'example.com/operator', instance: 'pod', apiVersion: 'example.com/v1' },
        dropped: (reason) => dropped.push(reason),
        retryMs: [10, 10],
        ...options,
      })
    await use({ server, sent, dropped, time, recorder })
    await connection.close()
    await server.close()
  },
})

const event: ObjectEvent = {
  kind: 'Sink',
  namespace: 'default',
  name: 'orders',
  uid: 'uid-1',
  resourceVersion: '7',
  type: 'Normal',
  reason: 'SinkCreated',
  action: 'Create',
  note: 'Created DG1',
}

/** Milliseconds; what is sent earlier is not waited for any longer. */
const IN_TIME = 20_000

describe.concurrent('event recorder', () => {
  it('sends an event as events.k8s.io/v1 has it', async ({ world: { recorder, sent }, expect }) => {
    const events = recorder()
    events.emit(event)
    await events.flush(IN_TIME)
    expect(sent[0]).toMatchObject({
      method: 'POST',
      body: {
        eventTime: '2023-11-14T22:13:20.123000Z',
        regarding: { kind: 'Sink', uid: 'uid-1' },
        type: 'Normal',
      },
    })
  })

  it('makes repetitions one event with a count, written at most once a minute', async ({ world, expect }) => {
    const events = world.recorder()
    for (let i = 0; i < 5; i += 1) events.emit(event)
    world.time.now += 61_000
    events.emit(event)
    await events.flush(IN_TIME)
    expect(
      world.sent.map(({ method, body }) => [method, (body['series'] as { count: number })?.count]),
    ).toEqual([
      ['POST', undefined],
      ['PATCH', 2],
      ['PATCH', 6],
    ])
  })

  it('takes other words, another object, or the same after a pause for another event', async ({
    world,
    expect,
  }) => {
    const events = world.recorder()
    events.emit(event)
    events.emit({ ...event, note: 'Created DG2' })
    events.emit({ ...event, uid: 'uid-2' })
    world.time.now += 11 * 60_000
    events.emit(event)
    await events.flush(IN_TIME)
    expect(world.sent.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST', 'POST'])
  })

  it.for<[string, Takeover, string[], number]>([
    ['403, as of a namespace that is being deleted', statusAnswer(403), ['refused'], 1],
    ['404', statusAnswer(404), ['unavailable'], 3],
    ['422', statusAnswer(422), [], 1],
    ['503', statusAnswer(503), ['unavailable'], 3],
    ['a reset', (response) => response.socket?.destroy(), ['unavailable'], 3],
  ])('survives %s and goes on with the next', async ([, takeover, losses, attempts], { world, expect }) => {
    const working = world.server.outage
    world.server.outage = takeover
    const events = world.recorder()
    events.emit(event)
    await events.flush(IN_TIME)
    expect(world.dropped).toEqual(losses)
    expect(world.server.counts.other).toBe(attempts)
    world.server.outage = working
    events.emit({ ...event, note: 'next' })
    await events.flush(IN_TIME)
    expect(world.sent.map(({ body }) => body['note'])).toEqual(['next'])
  })

  it('drops what one object has too much of, and leaves the others theirs', async ({ world, expect }) => {
    const events = world.recorder()
    for (let i = 0; i < 40; i += 1) events.emit({ ...event, note: String(i) })
    events.emit({ ...event, uid: 'uid-2' })
    await events.flush(IN_TIME)
    expect(world.sent.length).toBe(26)
    expect(world.dropped).toEqual(Array.from({ length: 15 }, () => 'limited'))
  })

  it('neither blocks nor grows when nothing can be sent', async ({ world, expect }) => {
    world.server.outage = () => undefined
    const events = world.recorder({ capacity: 10 })
    for (let i = 0; i < 30; i += 1) events.emit({ ...event, uid: `uid-${i}` })
    await eventually(() => world.dropped.length >= 19)
    expect(new Set(world.dropped)).toEqual(new Set(['full']))
    const began = performance.now()
    await events.flush(100)
    expect(performance.now() - began).toBeLessThan(IN_TIME / 2)
  })

  it('lets no namespace wait for the events of another, nor lose its own to them', async ({
    world,
    expect,
  }) => {
    const events = world.recorder({ capacity: 100 })
    for (let i = 0; i < 1_000; i += 1) events.emit({ ...event, uid: `hostile-${i}`, note: 'hostile' })
    events.emit({ ...event, namespace: 'quiet', uid: 'quiet', note: 'quiet' })
    await events.flush(IN_TIME)
    const notes = world.sent.map(({ body }) => body['note'])
    expect(notes.indexOf('quiet')).toBeGreaterThanOrEqual(0)
    expect(notes.indexOf('quiet')).toBeLessThan(5)
    expect(notes.length).toBeLessThanOrEqual(101)
  })

  it('shortens what the API server would refuse', async ({ world: { recorder, sent }, expect }) => {
    const events = recorder()
    events.emit({ ...event, note: 'ü'.repeat(2000), name: 'n'.repeat(253) })
    await events.flush(IN_TIME)
    const { note, metadata } = sent[0]?.body as { note: string; metadata: { name: string } }
    expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1024)
    expect(note).not.toContain('\uFFFD')
    expect(metadata.name.length).toBeLessThanOrEqual(253)
  })
})
