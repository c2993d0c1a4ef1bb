import { readFileSync } from 'node:fs'
import { chartValues } from './chart-values.ts'
import { withGeneratedPart } from './generated-part.ts'
import { markdownTable } from './markdown-table.ts'

const VALUES = new URL('../charts/twilio-sink-operator/values.yaml', import.meta.url)
const MARKS = {
  begin: '<!-- values: written by `npm run generate` from values.yaml -->',
  end: '<!-- end of the values -->',
}

/** The README of the chart, with the table of values between its two marks. */
export function chartReadme(present: string): string {
  const rows = chartValues(readFileSync(VALUES, 'utf8')).map(({ path, default: value, description }) => [
    `\`${path}\``,
    `\`${value}\``,
    description,
  ])
  return withGeneratedPart(present, MARKS, markdownTable(['value', 'default', 'meaning'], rows))
}
