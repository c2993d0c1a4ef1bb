import { describe, test } from 'vitest'
import { eventually } from '../../rigs/until.ts'
import { FakeApiServer, statusAnswer } from './fake-api-server.ts'
import { runWidgetStore, sizeOf, type RunningStore } from './widget-store.ts'

const it = test.extend<{ world: { readonly server: FakeApiServer; readonly running: RunningStore } }>({
  world: async ({}, use) => {
    const server = await new FakeApiServer().start()
    server.put('one', { size: 1 })
    const running = runWidgetStore(server.url)
    await eventually(() => running.store.hasSynced() && server.counts.watch > 0)
    await use({ server, running })
    await running.stop()
    await server.close()
  },
})

const versionOf = (running: RunningStore): string | undefined => {
  const held = running.store.get('default/one')
  return held?.readable === true ? held.object.metadata.resourceVersion : undefined
}

describe.concurrent('object store', () => {
  it('holds what a write returned before the write resolves, though the watch is late', async ({
    world,
    expect,
  }) => {
    const { server, running } = world
    server.muted = true
    const before = versionOf(running)
    const held = await running.store.patch('default/one', [])
    expect(running.store.get('default/one')).toEqual(held)
    expect(versionOf(running)).not.toBe(before)
    expect(running.changes.at(-1)).toMatchObject({ key: 'default/one', origin: 'write', born: false })
  })

  it('reports a change of its own once: the echo of the watch is no news', async ({ world, expect }) => {
    const { server, running } = world
    await running.store.patchStatus('default/one', [])
    server.put('other', { size: 1 })
    await eventually(() => sizeOf(running.store, 'other') === 1)
    expect(running.changes.filter(({ key }) => key === 'default/one')).toHaveLength(2)
    expect(running.foreign, 'the LIST at the start alone').toEqual(['default/one', 'default/other'])
  })

  it('keeps what a write returned through a LIST that was answered before the write', async ({
    world,
    expect,
  }) => {
    const { server, running } = world
    server.compact()
    const items = [server.put('one', { size: 10 })]
    server.muted = true
    const listed = Promise.withResolvers<() => void>()
    server.takeovers.list.push((response) => {
      listed.resolve(() => response.end(JSON.stringify({ metadata: { resourceVersion: '102' }, items })))
    })
    server.takeovers.watch.push(statusAnswer(410))
    server.cut()
    const answer = await listed.promise
    await running.store.patch('default/one', [])
    const written = versionOf(running)
    answer()
    await eventually(() => server.counts.list === 2 && running.restarts.includes('expired'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(versionOf(running)).toBe(written)
  })

  it('asks again when a LIST was completed during a write, since nobody knows which is newer', async ({
    world,
    expect,
  }) => {
    const { server, running } = world
    const patched = Promise.withResolvers<() => void>()
    server.takeovers.other.push((response) => {
      const object = server.put('one', { size: 3 })
      patched.resolve(() => response.end(JSON.stringify(object)))
    })
    const write = running.store.patch('default/one', [])
    const answer = await patched.promise
    const before = server.counts.list
    server.takeovers.watch.push(statusAnswer(410))
    await eventually(() => server.counts.list > before)
    server.put('one', { size: 4 })
    await eventually(() => sizeOf(running.store, 'one') === 4)
    const others = server.counts.other
    answer()
    await write
    expect(server.counts.other).toBe(others + 1)
    expect(sizeOf(running.store, 'one')).toBe(4)
    const last = running.changes.findLast(({ key }) => key === 'default/one')
    expect(last?.after, 'told last').toEqual(running.store.get('default/one'))
  })

  it.for([409, 422])(
    'takes a %d for a refusal if the object is still as the patch expects it',
    async (status, { world, expect }) => {
      const { server, running } = world
      const { metadata } = server.put('one', { size: 2 })
      await eventually(() => sizeOf(running.store, 'one') === 2)
      const expects = [
        { op: 'test', path: '/metadata/uid', value: metadata.uid },
        { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
      ] as const
      server.takeovers.other.push(statusAnswer(status))
      const refused = running.store.patch('default/one', expects)
      await expect(refused, 'nobody has changed it').rejects.toMatchObject({ kind: 'refused', status })
      server.muted = true
      server.put('one', { size: 3 })
      server.takeovers.other.push(statusAnswer(status))
      const stale = running.store.patch('default/one', expects)
      await expect(stale, 'somebody has').rejects.toMatchObject({ kind: 'conflict', status })
      expect(sizeOf(running.store, 'one'), 'and what is there now has been read').toBe(3)
    },
  )

  it('reads past its cache and keeps the answer', async ({ world, expect }) => {
    const { server, running } = world
    server.muted = true
    server.put('one', { size: 5 })
    expect(sizeOf(running.store, 'one')).toBe(1)
    expect(await running.store.read('default/one')).toMatchObject({ object: { spec: { size: 5 } } })
    expect(sizeOf(running.store, 'one')).toBe(5)
  })

  it('knows after a read that an object is gone, though the watch is late', async ({ world, expect }) => {
    const { server, running } = world
    server.muted = true
    server.remove('one')
    expect(await running.store.read('default/one')).toBeUndefined()
    expect(running.store.get('default/one')).toBeUndefined()
    expect([...running.store.all()]).toEqual([])
  })

  it('takes an object that left with its last finalizer for gone at once, and for all events', async ({
    world,
    expect,
  }) => {
    const { server, running } = world
    server.takeovers.other.push((response) => {
      const object = server.put('one', { size: 3 }, { deletionTimestamp: '2026-01-01T00:00:00Z' })
      server.remove('one')
      response.end(JSON.stringify(object))
    })
    server.muted = true
    await running.store.patch('default/one', [{ op: 'remove', path: '/metadata/finalizers/0' }])
    expect(running.store.get('default/one')).toBeUndefined()
    server.muted = false
    server.put('one', { size: 8 })
    await eventually(() => sizeOf(running.store, 'one') === 8)
    expect(running.changes.filter(({ after }) => after === undefined).length).toBe(1)
  })

  it('takes a 404 for a path that is not served for no word about the object', async ({ world, expect }) => {
    const { server, running } = world
    const notServed = statusAnswer(404)
    server.takeovers.other.push(notServed, notServed, notServed)
    await expect(running.store.read('default/one')).rejects.toMatchObject({ kind: 'unavailable' })
    expect(sizeOf(running.store, 'one')).toBe(1)
  })

  it('watches each of several namespaces by itself and writes outside them without keeping', async ({
    world: { server },
    expect,
  }) => {
    const few = runWidgetStore(server.url, ['default', 'default'])
    await eventually(() => few.store.hasSynced())
    await few.store.patch('elsewhere/one', [])
    expect([...few.store.all()].map(({ key }) => key)).toEqual(['default/one'])
    await few.stop()
  })

  it('does not wait for a namespace that is refused for good, names it, and has it once it may', async ({
    world: { server },
    expect,
  }) => {
    server.refused.add('gone')
    const few = runWidgetStore(server.url, ['default', 'gone'])
    await eventually(() => few.store.hasSynced(50))
    expect(few.store.hasSynced(), 'it is not there').toBe(false)
    expect(few.store.unread()).toEqual(['gone'])
    server.refused.clear()
    await eventually(() => few.store.hasSynced())
    expect(few.store.unread()).toEqual([])
    await few.stop()
  })

  it('waits where all namespaces are refused, and where one is slow or down', async ({
    world: { server },
    expect,
  }) => {
    server.refused.add('default').add('gone')
    const none = runWidgetStore(server.url, ['default', 'gone'])
    await eventually(() => none.restarts.length > 5)
    expect(none.store.hasSynced(0)).toBe(false)
    await none.stop()
    server.refused.clear()
    server.outage = statusAnswer(503)
    const down = runWidgetStore(server.url, ['default', 'gone'])
    await eventually(() => down.restarts.length > 3)
    expect(down.store.hasSynced(0)).toBe(false)
    await down.stop()
  })
})
