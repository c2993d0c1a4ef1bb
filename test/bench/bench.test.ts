import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** Whatever the machine is doing: nothing here is about time. */
test('the short form of the bench measures each part of a round, beside the floor', async () => {
  const argv = ['test/bench/main.ts', '--short']
  const { stdout, stderr } = await promisify(execFile)(process.execPath, argv, { timeout: 280_000 })
  const rowOf = (measure: string): string[] =>
    stdout
      .split('\n')
      .filter((line) => line.startsWith(`| ${measure} `))
      .flatMap((line) => line.split('|').map((cell) => cell.trim()))

  expect(stderr).toMatch(/round 1 of 1, deleting 40 Sinks: done/u)
  for (const measure of ['one Sink alone, apply → Ready, p50 ms', 'apply 40, s', 'delete 40, s'])
    expect(
      rowOf(measure)
        .slice(2, 5)
        .map(Number)
        .every((figure) => figure > 0),
    ).toBe(true)
  expect(rowOf('apply 40, s')).toContain('not judged')
  // What cannot differ, however slow the machine is.
  expect(rowOf('API server')).not.toEqual([])
  expect(rowOf('writes to a Sink that is created').slice(1)).toMatchObject([
    'writes to a Sink that is created',
    '2.000',
    '≤ 2',
    'yes',
    '',
  ])
  expect(stdout).toMatch(/^\| Twilio \| `CreateSink` \| 5 \| 40 \| 0 \| 3 \| 0 \| 0 \|$/mu)
  expect(stdout).toMatch(/^\| Twilio \| `DeleteSink` \| 0 \| 0 \| 0 \| 0 \| 0 \| 40 \|$/mu)
})
