import { describe, expect, test } from 'vitest'
import { KeyedLock } from '../../../src/controller/keys.ts'
import { Workers } from '../../../src/controller/workers.ts'

describe('keyed lock', () => {
  test('runs the work of one key in order and never two at once', async () => {
    const lock = new KeyedLock()
    const seen: string[] = []
    const work = (name: string) => async () => {
      seen.push(`+${name}`)
      await new Promise((resolve) => setTimeout(resolve, 2))
      seen.push(`-${name}`)
      return name
    }
    const results = await Promise.all(['a', 'b', 'c'].map((name) => lock.run('sid', work(name))))
    expect(results).toEqual(['a', 'b', 'c'])
    expect(seen).toEqual(['+a', '-a', '+b', '-b', '+c', '-c'])
  })

  test('lets other keys pass while one is held', async () => {
    const lock = new KeyedLock()
    const held = Promise.withResolvers<string>()
    const slow = lock.run('one', () => held.promise)
    await expect(lock.run('other', async () => 'done')).resolves.toBe('done')
    held.resolve('late')
    await expect(slow).resolves.toBe('late')
  })

  test('leaves its worker to others while a reconcile waits for another, and not while it works', async () => {
    const lock = new KeyedLock()
    const busy: number[] = []
    const workers = new Workers(2, (count) => busy.push(count))
    const held = Promise.withResolvers<void>()
    const first = workers.run(() => lock.run('sid', () => held.promise))
    await Promise.resolve()
    const second = workers.run(() =>
      lock.run('sid', async () => {
        // By then the first has ended.
        await new Promise((resolve) => setImmediate(resolve))
        expect(busy.at(-1)).toBe(1)
      }),
    )
    expect(busy.at(-1)).toBe(1)
    held.resolve()
    await Promise.all([first, second])
    expect(busy.at(-1)).toBe(0)
  })

  test('hands a failure to its own caller only', async () => {
    const lock = new KeyedLock()
    const failing = lock.run('sid', () => Promise.reject(new Error('refused')))
    const following = lock.run('sid', async () => 'fine')
    await expect(failing).rejects.toThrow('refused')
    await expect(following).resolves.toBe('fine')
  })

  test('holds no memory of keys at rest', async () => {
    const lock = new KeyedLock()
    await Promise.all(Array.from({ length: 50 }, (_, i) => lock.run(`sid-${i}`, async () => i)))
    expect(lock.size).toBe(0)
  })
})
