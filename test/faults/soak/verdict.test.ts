import { describe, expect, it } from 'vitest'
import { compare, isClean } from './both-sides.ts'
import { readSample, rowOf, type Sample } from './measures.ts'
import { readSoakOptions } from './soak-options.ts'
import { slopes } from './verdict.ts'

const FLAT: Sample = {
  heap: 40,
  committed: 80,
  external: 5,
  resident: 160,
  handles: 4,
  timers: 3,
  requests: 0,
  queue: 0,
  toApiServer: 240,
  toTwilio: 60,
  lag: 12,
}
const rows = (count: number, of: (index: number) => Partial<Sample>): Sample[] =>
  Array.from({ length: count }, (_, index) => ({ ...FLAT, ...of(index) }))
const growing = (all: readonly Sample[]) =>
  slopes(all)
    .filter(({ flat }) => !flat)
    .map(({ measure }) => measure)

describe('slopes', () => {
  it('are flat where a measure goes up and down', () => {
    expect(growing(rows(30, (index) => ({ heap: 40 + (index % 5), timers: index % 7 })))).toEqual([])
  })

  it('are not where one grows all the time, whatever it was while warming up', () => {
    expect(growing(rows(30, (index) => ({ heap: 30 + index })))).toEqual(['heap'])
    expect(growing(rows(30, (index) => ({ handles: index * 2, queue: index })))).toEqual(['handles', 'queue'])
  })

  it('forgive what grows in the first third alone', () => {
    expect(growing(rows(30, (index) => ({ resident: 100 + 10 * Math.min(index, 10) })))).toEqual([])
  })

  it('are not judged on a few rows', () => {
    expect(slopes(rows(8, (index) => ({ heap: index * 100 })))).toEqual([])
  })
})

describe('a row', () => {
  it('holds what a collection leaves of the heap, and the middle of everything else', () => {
    const samples = rows(3, (index) => ({ heap: 60 - 10 * index, queue: [0, 900, 2][index] ?? 0 }))
    const readings = samples.map((sample, index) => ({ ...sample, at: index * 1_000 }))
    expect(rowOf(readings)).toMatchObject({ heap: 40, queue: 2 })
  })

  it('holds how many requests there were, as of a minute', () => {
    const readings = [240, 250, 260].map((toTwilio, index) => ({ ...FLAT, toTwilio, at: index * 15_000 }))
    expect(rowOf(readings)).toMatchObject({ toTwilio: 40, toApiServer: 0 })
  })

  it('is read from what prom-client says', () => {
    const text = [
      '# HELP nodejs_heap_size_used_bytes Process heap size used from Node.js in bytes.',
      'nodejs_heap_size_used_bytes 41943040',
      'nodejs_heap_size_total_bytes 83886080',
      'nodejs_external_memory_bytes 5242880',
      'process_resident_memory_bytes 167772160',
      'nodejs_active_handles{type="Socket"} 3',
      'nodejs_active_handles_total 5',
      'nodejs_active_resources{type="Timeout"} 7',
      'nodejs_active_resources{type="TCPWRAP"} 9',
      'nodejs_active_resources_total 16',
      'nodejs_eventloop_lag_p99_seconds 0.012',
      'rest_client_requests_total{code="200",method="GET"} 7',
      'rest_client_requests_total{code="409",method="PATCH"} 1',
      'twilio_api_requests_total{account="a",operation="ListSink",code="200"} 3',
      'workqueue_depth{name="sink",priority="high"} 2',
      'workqueue_depth{name="sink",priority="low"} 1',
    ].join('\n')
    const requests = { toApiServer: 8, toTwilio: 3 }
    expect(readSample(text, 5)).toEqual({ ...FLAT, ...requests, at: 5, handles: 5, timers: 7, queue: 3 })
  })
})

describe('both sides', () => {
  const object = { name: 'a', sid: 'DG1', ready: true, deleting: false }
  const sink = { sid: 'DG1', tellsOf: 'a' }
  const known = {
    deletionAsked: new Set<string>(),
    notOurs: new Set<string>(),
    orphaned: new Set<string>(),
    orphanedNames: new Set<string>(),
  }

  it('agree on one sink for one object', () => {
    expect(isClean(compare([object], [sink], [], known))).toBe(true)
  })

  it('show a duplicate, a leak, a lost sink and a wrong deletion each', () => {
    const second = { sid: 'DG2', tellsOf: 'a' }
    expect(compare([object], [sink, second], [], known).duplicates).toHaveLength(1)
    expect(compare([], [sink], [], known).leaks).toHaveLength(1)
    expect(compare([object], [second], [], known).lost).toEqual(['a'])
    expect(compare([{ ...object, ready: false }], [sink], [], known).lost).toEqual(['a'])
    expect(compare([object], [sink], [second], known).wrongDeletions).toHaveLength(1)
  })

  it('forgive what an object was told to let go, once it is gone', () => {
    expect(isClean(compare([], [sink], [], { ...known, orphanedNames: new Set(['a']) }))).toBe(true)
  })

  it('forgive the deletion that was asked for, and never that of what was let go', () => {
    const asked = { ...known, deletionAsked: new Set(['a']) }
    expect(compare([], [], [sink], asked).wrongDeletions).toEqual([])
    expect(compare([], [], [sink], { ...asked, orphaned: new Set(['DG1']) }).wrongDeletions).toHaveLength(1)
  })
})

it('takes a wrong option for what it is', () => {
  expect(() => readSoakOptions(['--minutes', 'long'], 1)).toThrow('--minutes')
  expect(readSoakOptions([], 7)).toEqual({ minutes: 30, rate: 4, seed: 7, neighbours: 0 })
})
