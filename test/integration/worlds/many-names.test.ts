import { afterAll, beforeAll, expect, test } from 'vitest'
import { setWorld, spec, type LiveWorld } from './world.ts'

let world: LiveWorld

beforeAll(async () => {
  world = await setWorld({ name: 'many-names' })
})
afterAll(() => world?.end())

/** Names and labels of all metrics, without their values; a histogram counts as one. */
async function series(): Promise<Set<string>> {
  const text = await (await fetch(world.stage.operator().metricsUrl)).text()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Set(
    lines.map((line) =>
      line
        .slice(0, line.lastIndexOf(' '))
        .replace(/_(?:bucket|sum|count)(?=\{|$)/u, '')
        .replace(/,?le="[^"]*"/u, ''),
    ),
  )
}

/** C42. */
test('metrics do not grow with the number of Sinks, and name none', async () => {
  const some = async (kind: string, count: number): Promise<string[]> => {
    const names = Array.from({ length: count }, (_, index) => `${kind}-${index}`)
    await Promise.all(names.map((name) => world.apply(name, spec(name))))
    await world.oneEach(names)
    for (const name of names.slice(0, 2)) await world.remove(name)
    for (const name of names.slice(0, 2)) await world.gone(name)
    return names
  }
  await some('few', 4)
  const before = await series()
  const many = await some('many', 40)
  const after = await series()
  const isOfProcess = (name: string) => /^(nodejs|process)_/u.test(name)
  // A call that was late, or a conflict, may be the first of its kind: not one for each Sink is what matters.
  const fresh = [...after].filter((name) => !before.has(name) && !isOfProcess(name))
  expect(fresh.length, fresh.join('\n')).toBeLessThan(many.length / 4)
  for (const name of [...many, ...(await world.sent('CreateSink'))]) {
    expect([...after].filter((line) => name !== null && line.includes(name))).toEqual([])
  }
})
