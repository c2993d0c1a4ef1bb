import { markdownTable } from '../../tools/markdown-table.ts'
import { PHASES, type Phase } from './figures.ts'
import type { Form } from './form.ts'
import type { Report } from './report.ts'

/** Where and with what a run was made. */
export interface BenchSetting {
  /** Of the operator, with its commit. */
  readonly version: string
  readonly date: string
  readonly machine: string
  readonly programs: string
  readonly command: string
}

const HEADINGS: Readonly<Record<Phase, string>> = {
  idle: 'one by one',
  apply: 'apply',
  restart: 'restart',
  meanwhile: 'changes during a restart',
  rest: 'at rest',
  remove: 'delete',
}

/** The marks in docs/performance.md between which the results of a form stand. */
export const marksOf = (name: Form['name']) => ({
  begin: `<!-- results of the ${name} run: written by \`npm run bench\` -->`,
  end: `<!-- end of the results of the ${name} run -->`,
})

/** The report as Markdown, which people can read in a terminal, too. */
export function resultsOf(form: Form, report: Report, setting: BenchSetting): string {
  return [
    settingLines(form, setting),
    timedTable(report),
    notReached(report),
    'Counted, which is the same on every machine:',
    countedTable(report),
    'Requests of the operator by kind:',
    kindTable(report),
  ].join('\n\n')
}

function settingLines(
  { sinks, accounts, rounds }: Form,
  { version, date, machine, programs, command }: BenchSetting,
): string {
  return markdownTable(
    ['', ''],
    [
      ['version', version],
      ['date', date],
      ['machine', machine],
      ['programs', programs],
      ['command', `\`${command}\``],
      [
        'size',
        `${sinks.toLocaleString('en')} Sinks over ${accounts} accounts; ${rounds === 1 ? 'one round' : `medians of ${rounds} rounds`}`,
      ],
    ],
  )
}

const timedTable = ({ timed }: Report): string =>
  markdownTable(
    ['timed', 'measured', 'floor', 'measured / floor', 'aim', 'reached'],
    timed.map(({ measure, measured, floor, ratio, aim, reached }) => [
      measure,
      measured,
      floor,
      ratio,
      aim,
      reached,
    ]),
  )

const countedTable = ({ counted }: Report): string =>
  markdownTable(
    ['counted', 'measured', 'aim', 'reached'],
    counted.map(({ measure, measured, aim, reached }) => [measure, measured, aim, reached]),
  )

const kindTable = ({ kinds }: Report): string =>
  markdownTable(
    ['to', 'kind', ...PHASES.map((phase) => HEADINGS[phase])],
    kinds.map(({ to, kind, counts }) => [to, `\`${kind}\``, ...PHASES.map((phase) => String(counts[phase]))]),
  )

/** In words, so that nobody overlooks it in a table. */
function notReached({ timed, counted, notJudged }: Report): string {
  if (notJudged !== undefined)
    return `Whether the aims of the timed figures are reached is not judged. ${notJudged}`
  const all = [...timed, ...counted].filter(({ aim }) => aim !== '')
  const missed = all.filter(({ reached }) => reached === 'no').length
  return missed === 0
    ? `All ${all.length} aims are reached.`
    : `Not reached: ${missed} of ${all.length} aims, those with *no* in the last column.`
}
