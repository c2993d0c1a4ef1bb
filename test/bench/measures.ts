import { isWritingKind, percentile, totalOf, type Counts, type Round } from './figures.ts'
import type { Form } from './form.ts'

/** Which figures a report has, and what is aimed at: at most so much. */
export interface Aim {
  readonly text: string
  readonly limit: (round: Round) => number
}

export interface Figure {
  readonly measure: string
  readonly digits: number
  readonly of: (round: Round) => number
  /** What the floor program needs for the same. */
  readonly floor?: OfRound | undefined
  /** Undefined: nothing is aimed at. */
  readonly aim?: Aim | undefined
}

type OfRound = (round: Round) => number
type Extras = Pick<Figure, 'floor' | 'aim'>

const figure = (measure: string, digits: number, of: OfRound, more: Extras = {}): Figure => ({
  measure,
  digits,
  of,
  ...more,
})

const atMost = (limit: number): Aim => ({ text: `≤ ${limit}`, limit: () => limit })
const p50 = (values: readonly number[]): number => percentile(values, 0.5)

const FLOOR = {
  alone: ({ floor }: Round): number => p50(floor.waits),
  slowest: ({ floor }: Round): number => percentile(floor.waits, 0.99),
  seconds: ({ floor }: Round): number => floor.seconds,
  cpu: ({ floor }: Round): number => floor.cpu,
  apiServerCpu: ({ floor }: Round): number => floor.apiServerCpu,
}

/** Aims in seconds of processor time and in MiB are for one size of run. */
export function timedFigures(form: Form): readonly Figure[] {
  const only = (name: Form['name']) => (limit: number) => (form.name === name ? atMost(limit) : undefined)
  const size: Size = {
    all: form.sinks.toLocaleString('en'),
    full: only('full'),
    big: only('big'),
  }
  return [
    ...aloneFigures(),
    ...applyFigures(size),
    ...restartFigures(size, form.meanwhileAfter / 1_000),
    ...restFigures(),
    ...deleteFigures(size),
    ...memoryFigures(size, form.alone),
  ]
}

interface Size {
  readonly all: string
  readonly full: (limit: number) => Aim | undefined
  readonly big: (limit: number) => Aim | undefined
}

const aloneFigures = (): readonly Figure[] => [
  figure('one Sink alone, apply → Ready, p50 ms', 0, ({ idle }) => p50(idle.waits), {
    floor: FLOOR.alone,
    aim: { text: '≤ floor + 8', limit: (round) => FLOOR.alone(round) + 8 },
  }),
  figure('one Sink alone, apply → Ready, p99 ms', 0, ({ idle }) => percentile(idle.waits, 0.99), {
    floor: FLOOR.slowest,
  }),
]

const applyFigures = ({ all, full }: Size): readonly Figure[] => [
  figure(`apply ${all}, s`, 1, ({ apply }) => apply.seconds, {
    floor: FLOOR.seconds,
    aim: { text: '≤ 1.6 × floor', limit: ({ floor }) => 1.6 * floor.seconds },
  }),
  figure('– CPU of the operator, s', 1, ({ apply }) => apply.operatorCpu, {
    floor: FLOOR.cpu,
    aim: full(2.5),
  }),
  figure('– CPU of the API server, s', 1, ({ apply }) => apply.apiServerCpu, {
    floor: FLOOR.apiServerCpu,
    aim: full(8.5),
  }),
]

const restartFigures = ({ all, full, big }: Size, after: number): readonly Figure[] => [
  figure(`restart with ${all}, until ready, s`, 1, ({ restart }) => restart.seconds),
  figure('– CPU of the operator, s', 1, ({ restart }) => restart.operatorCpu, { aim: big(4) }),
  figure(`a new Sink ${after} s after a restart, p50 ms`, 0, ({ meanwhile }) => p50(meanwhile.waits), {
    floor: FLOOR.alone,
    aim: full(125) ?? big(150),
  }),
  figure('– the slowest, ms', 0, ({ meanwhile }) => percentile(meanwhile.waits, 1), { aim: big(300) }),
]

const perMinute = (amount: number, seconds: number): number => (60 * amount) / seconds

const restFigures = (): readonly Figure[] => [
  figure('at rest, CPU of the operator, s per minute', 2, ({ rest }) =>
    perMinute(rest.operatorCpu, rest.seconds),
  ),
  figure('– CPU of the API server, s per minute', 2, ({ rest }) =>
    perMinute(rest.apiServerCpu, rest.seconds),
  ),
]

/** The floor of a delete is that of the apply: the floor program deletes nothing. */
const deleteFigures = ({ all, full }: Size): readonly Figure[] => [
  figure(`delete ${all}, s`, 1, ({ remove }) => remove.seconds, {
    floor: FLOOR.seconds,
    aim: { text: '≤ its apply', limit: ({ apply }) => apply.seconds },
  }),
  figure('– CPU of the operator, s', 1, ({ remove }) => remove.operatorCpu, {
    floor: FLOOR.cpu,
    aim: full(3),
  }),
  figure('– CPU of the API server, s', 1, ({ remove }) => remove.apiServerCpu, {
    floor: FLOOR.apiServerCpu,
    aim: full(9),
  }),
]

const memoryFigures = ({ all, full, big }: Size, alone: number): readonly Figure[] => [
  figure(`resident with ${alone} Sinks, MiB`, 0, ({ idle }) => idle.resident, { aim: full(75) }),
  figure(`– after apply of ${all}, MiB`, 0, ({ apply }) => apply.resident, { aim: full(90) ?? big(130) }),
  figure('– at rest after two restarts, MiB', 0, ({ rest }) => rest.resident, { aim: full(90) ?? big(130) }),
  figure('– after delete, MiB', 0, ({ remove }) => remove.resident, { aim: full(90) ?? big(130) }),
]

const isSinkWrite = (kind: string): boolean => isWritingKind(kind) && /^\w+ sinks(?:\/|$)/u.test(kind)
const isList = (kind: string): boolean => kind.startsWith('List')
const isNoList = (kind: string): boolean => !isList(kind)
const is = (wanted: string) => (kind: string) => kind === wanted

/** The same on every machine, as far as time decides nothing. */
export function countedFigures({ sinks, accounts }: Form): readonly Figure[] {
  const each = (counts: Counts, matches?: (kind: string) => boolean) => totalOf(counts, matches) / sinks
  const [none, one, two, lists] = [0, 1, 2, 2 * accounts].map((limit) => ({ aim: atMost(limit) }))
  return [
    figure('writes to a Sink that is created', 3, ({ apply }) => each(apply.requests, isSinkWrite), two),
    figure('– creates at Twilio', 3, ({ apply }) => each(apply.calls, is('CreateSink')), one),
    figure('– all requests to the API server', 3, ({ apply }) => each(apply.requests)),
    figure('– all calls to Twilio', 3, ({ apply }) => each(apply.calls)),
    figure('writes to a Sink that is deleted', 3, ({ remove }) => each(remove.requests, isSinkWrite), one),
    figure('– deletes at Twilio', 3, ({ remove }) => each(remove.calls, is('DeleteSink')), one),
    figure('– all requests to the API server', 3, ({ remove }) => each(remove.requests)),
    figure('– all calls to Twilio', 3, ({ remove }) => each(remove.calls)),
    figure('restart, LISTs at Twilio', 0, ({ restart }) => totalOf(restart.calls, isList), lists),
    figure('– other calls to Twilio', 0, ({ restart }) => totalOf(restart.calls, isNoList), none),
    figure('– writes to the API server', 0, ({ restart }) => totalOf(restart.requests, isWritingKind), none),
    figure('at rest, writes to the API server', 0, ({ rest }) => totalOf(rest.requests, isWritingKind), none),
    figure('– calls to Twilio that are no LISTs', 0, ({ rest }) => totalOf(rest.calls, isNoList), none),
  ]
}
