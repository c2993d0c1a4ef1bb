import { readFileSync } from 'node:fs'
import { chartValues } from './chart-values.ts'
import { markdownTable } from './markdown-table.ts'

const VALUES = new URL('../charts/twilio-sink-operator/values.yaml', import.meta.url)
const BEGIN = '<!-- values: written by `npm run generate` from values.yaml -->'
const END = '<!-- end of the values -->'

/** The README of the chart, with the table of values between its two marks. */
export function chartReadme(present: string): string {
  const rows = chartValues(readFileSync(VALUES, 'utf8')).map(({ path, default: value, description }) => [
    `\`${path}\``,
    `\`${value}\``,
    description,
  ])
  const table = markdownTable(['value', 'default', 'meaning'], rows)
  const [before, rest = ''] = present.split(BEGIN)
  const [, after] = rest.split(END)
  if (before === undefined || after === undefined) throw new Error(`the chart's README has lost its marks`)
  return `${before}${BEGIN}\n\n${table}\n\n${END}${after}`
}
