import { median } from '../faults/soak/measures.ts'
import { PHASES, type Counts, type Phase, type Round } from './figures.ts'
import type { Form } from './form.ts'
import { countedFigures, timedFigures, type Figure } from './measures.ts'

/**
 * What the rounds of a run say, as rows of text. Each figure is the median of the rounds. Figures that are counted stand
 * apart from those that are timed: they are the same on every machine.
 */

export interface Report {
  readonly timed: readonly TimedRow[]
  readonly counted: readonly CountedRow[]
  readonly kinds: readonly KindRow[]
  /** Why nothing is said about the aims of timed figures; undefined if something is. */
  readonly notJudged: string | undefined
}

export type AimVerdict = 'yes' | 'no' | 'not judged' | ''

export interface TimedRow {
  readonly measure: string
  readonly measured: string
  readonly floor: string
  readonly ratio: string
  readonly aim: string
  readonly reached: AimVerdict
}

export interface CountedRow {
  readonly measure: string
  readonly measured: string
  readonly aim: string
  readonly reached: AimVerdict
}

/** How often a kind of request was made in each phase. */
export interface KindRow {
  readonly to: 'API server' | 'Twilio'
  readonly kind: string
  readonly counts: Readonly<Record<Phase, number>>
}

/** Others may use so much of all processors before times say more about them than about the operator. */
export const MOST_FOREIGN = 0.1

export function reportOf(form: Form, rounds: readonly Round[]): Report {
  const notJudged = form.name === 'short' ? 'The run is too short.' : busy(mostForeign(rounds))
  return {
    timed: timedFigures(form).map((figure) => timedRow(figure, rounds, notJudged === undefined)),
    counted: countedFigures(form).map((figure) => countedRow(figure, rounds)),
    kinds: [...kindRows('API server', rounds), ...kindRows('Twilio', rounds)],
    notJudged,
  }
}

/** What the timed figures of a machine would not be worth; undefined if they are. */
export function busy(foreign: number): string | undefined {
  if (foreign <= MOST_FOREIGN) return undefined
  const [used, most] = [foreign, MOST_FOREIGN].map((share) => `${Math.round(100 * share)} %`)
  return `The machine is busy: other programs use ${used} of its processors, and more than ${most} spoils the times.`
}

const mostForeign = (rounds: readonly Round[]): number =>
  Math.max(
    ...rounds
      .flatMap((round) => [round.floor, ...PHASES.map((phase) => round[phase])])
      .map(({ foreign }) => foreign),
  )

function timedRow({ floor, ...figure }: Figure, rounds: readonly Round[], judged: boolean): TimedRow {
  const { aim, reached, ...row } = countedRow(figure, rounds)
  const beside = (of: (round: Round) => number, digits: number): string =>
    rounded(median(rounds.map(of)), digits)
  return {
    ...row,
    floor: floor === undefined ? '' : beside(floor, figure.digits),
    ratio: floor === undefined ? '' : beside((round) => figure.of(round) / floor(round), 2),
    aim,
    reached: reached === '' || judged ? reached : 'not judged',
  }
}

function countedRow({ measure, digits, of, aim }: Figure, rounds: readonly Round[]): CountedRow {
  const measured = median(rounds.map(of))
  const row = { measure, measured: rounded(measured, digits) }
  if (aim === undefined) return { ...row, aim: '', reached: '' }
  const reached = measured <= median(rounds.map(aim.limit))
  return { ...row, aim: aim.text, reached: reached ? 'yes' : 'no' }
}

function kindRows(to: KindRow['to'], rounds: readonly Round[]): readonly KindRow[] {
  const countsOf = (round: Round, phase: Phase): Counts =>
    to === 'Twilio' ? round[phase].calls : round[phase].requests
  const kinds = new Set(
    rounds.flatMap((round) => PHASES.flatMap((phase) => Object.keys(countsOf(round, phase)))),
  )
  const count = (kind: string, phase: Phase): number =>
    Math.round(median(rounds.map((round) => countsOf(round, phase)[kind] ?? 0)))
  return [...kinds].sort().map((kind) => {
    const counts = Object.fromEntries(PHASES.map((phase) => [phase, count(kind, phase)]))
    return { to, kind, counts: counts as Record<Phase, number> }
  })
}

const rounded = (value: number, digits: number): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
