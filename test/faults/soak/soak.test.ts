import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('churns, breaks and mends for some seconds, and finds both sides as they must be', async () => {
  const argv = ['test/faults/soak/main.ts', '--minutes', '0.4', '--rate', '2', '--seed', '7']
  const { stdout } = await promisify(execFile)(process.execPath, argv, { timeout: 280_000 })
  expect(stdout).toContain('minute')
  expect(Number(/(\d+) sinks made/u.exec(stdout)?.[1])).toBeGreaterThan(5)
  expect(stdout).toContain('Good')
})
