import { describe, expect, test } from 'vitest'
import { chartValues } from '../../tools/chart-values.ts'

describe('the table of values', () => {
  test('has each value with its default and its comment', () => {
    const yaml = `image:
  # -- Where it is.
  repository: ''
# -- Requests and limits.
resources:
  requests:
    cpu: 50m
# -- A switch.
enabled: true
`
    expect(chartValues(yaml)).toEqual([
      { path: 'image.repository', default: '""', description: 'Where it is.' },
      { path: 'resources', default: '{"requests":{"cpu":"50m"}}', description: 'Requests and limits.' },
      { path: 'enabled', default: 'true', description: 'A switch.' },
    ])
  })

  test.for(['a: 1\n', 'a:\n  # -- One.\n  b: 1\n  c: 2\n', '# -- One.\na: 1\nb:\n  c: 2\n'])(
    '%j is refused, since a value without a comment would be missing in the README',
    (yaml) => {
      expect(() => chartValues(yaml)).toThrow('has no comment')
    },
  )
})
