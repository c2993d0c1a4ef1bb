import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { countsBetween, percentile, totalOf, type Round, type Stretch } from '../../bench/figures.ts'
import { FORMS, readBenchOptions } from '../../bench/form.ts'
import { marksOf, resultsOf } from '../../bench/page.ts'
import { busy, MOST_FOREIGN, reportOf, type Report } from '../../bench/report.ts'

const STRETCH: Stretch = {
  seconds: 4,
  operatorCpu: 2,
  apiServerCpu: 8,
  resident: 80,
  requests: {},
  calls: {},
  foreign: 0.01,
}
const ROUND: Round = {
  floor: { waits: [110, 112, 118], seconds: 4, cpu: 1, apiServerCpu: 5, foreign: 0 },
  idle: { ...STRETCH, waits: [118, 119, 140] },
  apply: {
    ...STRETCH,
    seconds: 6,
    requests: { 'patch sinks': 1_000, 'patch sinks/status': 1_000, 'create events': 300, 'get secrets': 150 },
    calls: { CreateSink: 1_000, ListSink: 10 },
  },
  restart: { ...STRETCH, calls: { ListSink: 10, ListSubscription: 10 }, requests: { 'list sinks': 1 } },
  meanwhile: { ...STRETCH, waits: [120, 130, 900] },
  rest: { ...STRETCH, seconds: 30, calls: { ListSink: 2, ListSubscription: 2 } },
  remove: { ...STRETCH, seconds: 7, calls: { DeleteSink: 1_000, FetchSink: 1_000 } },
}

type Changes = { readonly [Part in keyof Round]?: Partial<Round[Part]> }
const round = (changes: Changes = {}): Round => ({
  floor: { ...ROUND.floor, ...changes.floor },
  idle: { ...ROUND.idle, ...changes.idle },
  apply: { ...ROUND.apply, ...changes.apply },
  restart: { ...ROUND.restart, ...changes.restart },
  meanwhile: { ...ROUND.meanwhile, ...changes.meanwhile },
  rest: { ...ROUND.rest, ...changes.rest },
  remove: { ...ROUND.remove, ...changes.remove },
})
const report = (...rounds: readonly Round[]): Report => reportOf(FORMS.full, rounds)
const timed = (of: Report, measure: string) => of.timed.find((row) => row.measure === measure)
const counted = (of: Report, measure: string) => of.counted.find((row) => row.measure === measure)

describe('a timed figure', () => {
  it('stands beside the floor of the same run, with the ratio and whether the aim is reached', () => {
    expect(timed(report(round()), 'apply 1,000, s')).toEqual({
      measure: 'apply 1,000, s',
      measured: '6.0',
      floor: '4.0',
      ratio: '1.50',
      aim: '≤ 1.6 × floor',
      reached: 'yes',
    })
  })

  it('is the median of the rounds, and so is the ratio, each to its own floor', () => {
    const rounds = [
      round({ apply: { seconds: 6 } }),
      round({ apply: { seconds: 50 } }),
      round({ apply: { seconds: 8 }, floor: { seconds: 8 } }),
    ]
    expect(timed(report(...rounds), 'apply 1,000, s')).toMatchObject({ measured: '8.0', ratio: '1.50' })
  })

  it('misses an aim that follows from another figure of the run', () => {
    expect(timed(report(round()), 'delete 1,000, s')).toMatchObject({ aim: '≤ its apply', reached: 'no' })
    const quick = round({ remove: { seconds: 5.9 } })
    expect(timed(report(quick), 'delete 1,000, s')?.reached).toBe('yes')
  })

  it('of waiting people is the middle one of them, and the slowest', () => {
    const of = report(round())
    const alone = timed(of, 'one Sink alone, apply → Ready, p50 ms')
    expect(alone).toMatchObject({ measured: '119', floor: '112', reached: 'yes' })
    expect(timed(of, 'a new Sink 2 s after a restart, p50 ms')).toMatchObject({
      measured: '130',
      reached: 'no',
    })
    expect(timed(of, '– the slowest, ms')?.measured).toBe('900')
  })

  it('has no verdict where nothing is aimed at, as for sizes that no aim was set for', () => {
    expect(timed(report(round()), 'restart with 1,000, until ready, s')?.reached).toBe('')
    const big = reportOf(FORMS.big, [round()])
    expect(timed(big, '– CPU of the API server, s')).toMatchObject({ aim: '', reached: '' })
    expect(timed(big, '– the slowest, ms')).toMatchObject({ aim: '≤ 300', reached: 'no' })
  })

  it('at rest is that of a minute, however long was measured', () => {
    expect(timed(report(round()), 'at rest, CPU of the operator, s per minute')?.measured).toBe('4.00')
  })
})

describe('a busy machine', () => {
  const disturbed = round({ rest: { foreign: MOST_FOREIGN + 0.01 } })

  it('has no verdict on times, if others were busy in any part of any round', () => {
    const of = report(round(), disturbed, round())
    expect(of.notJudged).toContain('11 %')
    expect(timed(of, 'apply 1,000, s')).toMatchObject({ measured: '6.0', reached: 'not judged' })
    expect(timed(of, 'restart with 1,000, until ready, s')?.reached).toBe('')
    expect(report(round({ floor: { foreign: 0.5 } })).notJudged).toContain('50 %')
  })

  it('has one on what is counted, which no other program changes', () => {
    expect(counted(report(disturbed), 'writes to a Sink that is created')?.reached).toBe('yes')
  })

  it('is one from a tenth of its processors on', () => {
    expect([busy(0), busy(MOST_FOREIGN)]).toEqual([undefined, undefined])
    expect(busy(0.63)).toContain('63 %')
  })

  it('is not asked about in a short run, which is too short for times', () => {
    const { notJudged, timed: rows } = reportOf(FORMS.short, [round()])
    expect(notJudged).toContain('short')
    expect(new Set(rows.map(({ reached }) => reached))).toEqual(new Set(['not judged', '']))
  })
})

describe('a counted figure', () => {
  it('is what each Sink costs', () => {
    const of = report(round())
    expect(counted(of, 'writes to a Sink that is created')).toMatchObject({
      measured: '2.000',
      reached: 'yes',
    })
    expect(counted(of, '– creates at Twilio')).toMatchObject({ measured: '1.000', reached: 'yes' })
    const twice = { ...ROUND.apply.calls, CreateSink: 1_001 }
    const bad = report(round({ apply: { calls: twice } }))
    expect(counted(bad, '– creates at Twilio')).toMatchObject({ measured: '1.001', reached: 'no' })
  })

  it('of a restart is two LISTs for each account, and no write', () => {
    const of = report(
      round({ restart: { requests: { 'update twilioaccounts/status': 3, 'list sinks': 1 } } }),
    )
    expect(counted(of, 'restart, LISTs at Twilio')).toMatchObject({
      measured: '20',
      aim: '≤ 20',
      reached: 'yes',
    })
    expect(counted(of, '– writes to the API server')).toMatchObject({ measured: '3', reached: 'no' })
  })

  it('has each kind of request in a row, 0 where there was none', () => {
    const { kinds } = report(round())
    const secrets = kinds.find(({ kind }) => kind === 'get secrets')
    expect(secrets).toMatchObject({ to: 'API server', counts: { apply: 150, rest: 0 } })
    const deletes = kinds.find(({ kind }) => kind === 'DeleteSink')
    expect(deletes).toMatchObject({ to: 'Twilio', counts: { apply: 0, remove: 1_000 } })
  })
})

describe('counts', () => {
  it('between two moments are what came in between, and nothing else', () => {
    expect(countsBetween({ a: 1, b: 2 }, { a: 1, b: 5, c: 1 })).toEqual({ b: 3, c: 1 })
    expect(totalOf({ a: 1, b: 5 }, (kind) => kind === 'b')).toBe(5)
  })

  it('have percentiles that were measured', () => {
    expect(percentile([3, 1, 2], 0.5)).toBe(2)
    expect(percentile([4, 1, 3, 2], 0.5)).toBe(2)
    expect(percentile([1, 2, 3], 0.99)).toBe(3)
    expect(percentile([], 0.5)).toBe(0)
  })
})

describe('docs/performance.md', () => {
  const page = readFileSync(new URL('../../../docs/performance.md', import.meta.url), 'utf8')
  const setting = { version: '1', date: 'today', machine: 'this', programs: 'some', command: 'npm run bench' }

  it.each(['full', 'big'] as const)('has a place for the results of the %s form', (name) => {
    const { begin, end } = marksOf(name)
    expect(page.indexOf(end)).toBeGreaterThan(page.indexOf(begin))
    expect(page).toContain(begin)
  })

  it('says in words how many aims are missed, and when nothing is judged', () => {
    const missed = resultsOf(FORMS.full, report(round()), setting)
    expect(missed).toMatch(/Not reached: \d+ of \d+ aims/u)
    expect(missed).toContain('| command | `npm run bench` |')
    const notJudged = resultsOf(FORMS.full, report(round({ idle: { foreign: 0.3 } })), setting)
    expect(notJudged).toContain('is not judged. The machine is busy')
    expect(notJudged).not.toMatch(/aims are reached|Not reached/u)
  })
})

describe('the options', () => {
  it('choose a form', () => {
    expect(readBenchOptions([])).toMatchObject({
      form: { sinks: 1_000, accounts: 10, rounds: 3 },
      anyway: false,
    })
    expect(readBenchOptions(['--big']).form).toMatchObject({ sinks: 10_000, accounts: 100 })
    expect(readBenchOptions(['--rounds', '5']).form.rounds).toBe(5)
    expect(readBenchOptions(['--short']).anyway).toBe(true)
  })

  it.each([['--rounds', '0'], ['--rounds', 'many'], ['--big', '--short'], ['--huge']])(
    'refuse %s %s',
    (...args) => {
      expect(() => readBenchOptions(args)).toThrow('--')
    },
  )
})
