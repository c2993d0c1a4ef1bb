import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** Whatever the machine is doing: nothing here is about time. The meters read `/proc`. */
const onLinux = test.runIf(process.platform === 'linux')

onLinux('the short form measures each part of a round, beside the floor, and judges no times', async () => {
  const argv = ['test/bench/main.ts', '--short']
  const { stdout } = await promisify(execFile)(process.execPath, argv, { timeout: 280_000 })
  const rows = stdout
    .split('\n')
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/gu, '')))
  const rowOf = (start: string) => rows.find(([first]) => first === start)

  for (const measure of ['one Sink alone, apply → Ready, p50 ms', 'apply 40, s', 'delete 40, s']) {
    const [, measured, floor, ratio, , reached] = rowOf(measure) ?? []
    expect([measured, floor, ratio].map(Number).every((figure) => figure > 0)).toBe(true)
    expect(reached).toBe('not judged')
  }
  // What a slow machine does not change.
  expect(rowOf('writes to a Sink that is created')?.slice(1)).toEqual(['2.000', '≤ 2', 'yes'])
  const calls = new Map(rows.filter(([to]) => to === 'Twilio').map(([, kind, ...counts]) => [kind, counts]))
  expect(calls.get('`CreateSink`')?.map(Number)).toEqual([5, 40, 0, 3, 0, 0])
  expect(calls.get('`DeleteSink`')?.map(Number)).toEqual([0, 0, 0, 0, 0, 40])
})
