import { expect, it, vi } from 'vitest'
import type { MissingFields } from '../../../src/api/crd/live-definitions.ts'
import { CrdCheck } from '../../../src/operator/crd-check.ts'
import { createLogger } from '../../../src/observability/logger.ts'

type Read = Awaited<ReturnType<ConstructorParameters<typeof CrdCheck>[0]['read']>>

/** A guard whose looks find nothing served, or are refused; time is the test's. */
function scene(first: Read) {
  const lines: { level: string; msg: string }[] = []
  const stop = new AbortController()
  const world = { answer: first, looks: 0, now: 0, failing: false, told: [] as MissingFields[] }
  const guard = new CrdCheck({
    read: async () => {
      world.looks += 1
      if (world.failing) throw new Error('no answer')
      return world.answer
    },
    clock: { monotonic: () => world.now },
    log: createLogger({
      level: 'info',
      destination: { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]) },
    }),
    looked: (missing) => world.told.push(missing),
    stop: stop.signal,
  })
  return { guard, lines, stop, world }
}

it('refuses a create while kinds are missing, looks again by itself, and says each change once', async () => {
  const { guard, lines, stop, world } = scene('not-served')
  await expect(guard.assertComplete()).rejects.toMatchObject({
    kind: 'unavailable',
    message: expect.stringContaining('kubectl apply -f crds/') as string,
  })
  await expect(guard.assertComplete()).rejects.toMatchObject({ kind: 'unavailable' })
  expect(guard.problem()).toContain('lack sink, twilioaccount')
  const mended = vi.fn()
  guard.onFixed(mended)
  world.answer = 'forbidden'
  await vi.waitFor(() => expect(mended).toHaveBeenCalledOnce())
  await guard.assertComplete()
  expect(guard.problem()).toBeUndefined()
  expect(lines.map(({ level }) => level)).toEqual(['error', 'warn', 'info'])
  stop.abort()
})

it('looks anew for each create, and once for those that ask at the same time', async () => {
  const { guard, world } = scene('forbidden')
  await Promise.all([guard.assertComplete(), guard.assertComplete()])
  expect(world.looks).toBe(1)
  await guard.assertComplete()
  expect(world.looks).toBe(2)
})

it('believes an answer that dropped a field more than a document that still names it', async () => {
  const { guard, stop, world } = scene('forbidden')
  guard.fieldDropped('sink.status.sid')
  world.now = 5_000
  await expect(guard.assertComplete()).rejects.toThrow('sink.status.sid')
  world.now = 11_000
  await guard.assertComplete()
  stop.abort()
})

it('does not create when it cannot look, and tries on', async () => {
  const { guard, world } = scene('forbidden')
  world.failing = true
  await expect(guard.assertComplete()).rejects.toThrow('no answer')
  const complete = guard.complete()
  world.failing = false
  await complete
})

it('ends its waiting when the process is asked to stop', async () => {
  const { guard, stop } = scene('not-served')
  const complete = guard.complete()
  stop.abort()
  await complete
  expect(guard.problem()).toBeDefined()
})
