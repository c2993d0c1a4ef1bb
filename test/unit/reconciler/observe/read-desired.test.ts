import { expect, it } from 'vitest'
import { readingOnce } from '../../../../src/reconciler/observe/read-desired.ts'

function counted() {
  const asked: string[] = []
  const read = readingOnce({
    secret: async (namespace, name) => {
      asked.push(`${namespace}/${name}`)
      return new Map([['url', name]])
    },
  })
  return { asked, read }
}

it('a Secret that several Sinks in a row use is read once', async () => {
  const { asked, read } = counted()
  const values = await Promise.all(Array.from({ length: 100 }, () => read('shop', 'hook')))
  expect(values.map((secret) => secret?.get('url'))).toEqual(values.map(() => 'hook'))
  expect(asked).toEqual(['shop/hook'])
})

it('of any number of Secrets a few are in memory: the one that was used longest ago is read again', async () => {
  const { asked, read } = counted()
  for (let number = 0; number < 100; number += 1) {
    await read('shop', 'of-all')
    await read('shop', `hook-${number}`)
  }
  expect(asked).toHaveLength(101)
  await read('shop', 'hook-0')
  expect(asked.at(-1)).toBe('shop/hook-0')
})
