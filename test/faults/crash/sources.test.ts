import { expect, test } from 'vitest'
import { sourcesOf } from './sources.ts'

test('the operator of this repository is in the digest, and what chooses between it and other commands is not', () => {
  const sources = sourcesOf()
  const loaded = ['operator/operator', 'options/options', 'observability/logger', 'sink/living-table'].map(
    (name) => `src/${name}.ts`,
  )
  expect(sources).toEqual(expect.arrayContaining([...loaded, 'test/faults/crash/fault.ts']))
  expect(sources.filter((path) => path.startsWith('node_modules/undici/'))).not.toEqual([])
  expect(sources).not.toContain('src/main.ts')
})
