import { legendOf, type Panel } from './dashboard.ts'
import type { Line, Span } from './prometheus.ts'

/** The dashboard as a picture for the documents: the panels where Grafana puts them, drawn from answers of Prometheus. */

/** Of one cell of Grafana's grid. */
const CELL = { w: 42, h: 17 }
const COLUMNS = 24
const GAP = 4
const FONT = 'font-family="Helvetica, Arial, sans-serif"'
/** They can be told apart by people who do not see red or green. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#555555']
const MOST_LINES = COLOURS.length
/** Of a panel, for its title, and for its legend at the bottom. */
const TITLE = 18
const LEGEND = 26

interface Box {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

interface NamedLine {
  readonly name: string
  readonly points: Line['points']
}

/** All charts show the whole of `span`. */
export async function pictureOf(
  panels: readonly Panel[],
  span: Span,
  answersTo: (panel: Panel) => Promise<readonly (readonly Line[])[]>,
): Promise<string> {
  const height = Math.max(...panels.map(({ gridPos: { y, h } }) => y + h)) * CELL.h
  const drawn = await Promise.all(
    panels.map(async (panel) => drawPanel(panel, span, linesOf(panel, await answersTo(panel)))),
  )
  const size = `viewBox="0 0 ${COLUMNS * CELL.w} ${height}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${FONT} font-size="9">
<rect width="100%" height="100%" fill="#fff"/>
${drawn.join('\n')}
</svg>
`
}

const linesOf = ({ targets }: Panel, answers: readonly (readonly Line[])[]): readonly NamedLine[] =>
  targets
    .flatMap((target, index) =>
      (answers[index] ?? []).map(({ labels, points }) => ({
        name: legendOf(target, labels),
        points,
      })),
    )
    .filter(({ points }) => points.length > 0)

function drawPanel(
  { title, type, gridPos, fieldConfig }: Panel,
  span: Span,
  lines: readonly NamedLine[],
): string {
  const box = {
    x: gridPos.x * CELL.w + GAP / 2,
    y: gridPos.y * CELL.h + GAP / 2,
    w: gridPos.w * CELL.w - GAP,
    h: gridPos.h * CELL.h - GAP,
  }
  const unit = fieldConfig?.defaults.unit ?? 'short'
  if (type === 'row') return text(title, box.x, box.y + 11, 'font-size="13" font-weight="bold"')
  const frame = `<rect x="${box.x}" y="${box.y}" width="${box.w}" height="${box.h}" fill="none" stroke="#ccc"/>`
  const head = text(title, box.x + 6, box.y + 13, 'font-size="10"')
  const content = type === 'stat' ? number(box, lines) : chart(box, { span, unit }, lines)
  return [frame, head, ...content].join('')
}

/** What the panel shows at the end. */
function number({ x, y, w, h }: Box, [line]: readonly NamedLine[]): string[] {
  const [, value] = line?.points.at(-1) ?? [0, NaN]
  const style = 'font-size="24" text-anchor="middle"'
  return [text(Number.isNaN(value) ? 'no data' : String(value), x + w / 2, y + h / 2 + 14, style)]
}

/** The lines that rise highest. */
function chart(
  box: Box,
  { span: { from, to, step }, unit }: { readonly span: Span; readonly unit: string },
  lines: readonly NamedLine[],
): string[] {
  const shown = lines.toSorted((one, other) => peak(other) - peak(one)).slice(0, MOST_LINES)
  const top = Math.max(...shown.map(peak), 0)
  const plot = { x: box.x + 40, y: box.y + TITLE + 4, w: box.w - 48, h: box.h - TITLE - LEGEND - 8 }
  const bottom = plot.y + plot.h
  const at = ([time, value]: readonly [number, number]): string =>
    `${(plot.x + ((time - from) / (to - from)) * plot.w).toFixed(0)} ${(bottom - (value / (top || 1)) * plot.h).toFixed(1)}`
  const path = ({ points }: NamedLine, colour: string): string =>
    `<path d="${breaks(points, step)
      .map((part) => `M${part.map(at).join('L')}`)
      .join('')}" fill="none" stroke="${colour}" stroke-width="1.5" stroke-linecap="round"/>`
  return [
    `<path d="M${plot.x} ${plot.y}V${bottom}H${plot.x + plot.w}" fill="none" stroke="#999"/>`,
    text(shownValue(top, unit), plot.x - 4, plot.y + 6, 'text-anchor="end"'),
    text('0', plot.x - 4, bottom, 'text-anchor="end"'),
    ...shown.map((line, index) => path(line, COLOURS[index] ?? '')),
    ...legend(box, shown, lines.length),
  ]
}

const peak = ({ points }: NamedLine): number => Math.max(...points.map(([, value]) => value))

/** Where there was no sample for a while, the line ends and begins again. */
function breaks(points: Line['points'], step: number): (readonly [number, number])[][] {
  const parts: (readonly [number, number])[][] = []
  let last = -Infinity
  for (const point of points) {
    if (point[0] - last > step * 1.5) parts.push([])
    parts.at(-1)?.push(point)
    ;[last] = point
  }
  // A single sample is a dot.
  return parts.map((part) => (part.length === 1 ? [...part, ...part] : part))
}

/** Two lines of names, as many as fit. */
function legend({ x, y, w, h }: Box, lines: readonly NamedLine[], all: number): string[] {
  const places: string[] = []
  let [left, row] = [x + 8, 0]
  for (const [index, { name }] of lines.entries()) {
    if (name === '') return []
    const width = 12 + name.length * 4.6
    if (left + width > x + w && left > x + 8) [left, row] = [x + 8, row + 1]
    if (row > 1) break
    const base = y + h - 16 + row * 11
    places.push(
      `<rect x="${left.toFixed(0)}" y="${base - 6}" width="6" height="6" fill="${COLOURS[index] ?? ''}"/>`,
      text(name, left + 9, base),
    )
    left += width + 6
  }
  const unnamed = all - places.length / 2
  return unnamed === 0
    ? places
    : [...places, text(`and ${unnamed} more`, x + w - 6, y + 13, 'text-anchor="end" fill="#777"')]
}

function shownValue(value: number, unit: string): string {
  if (unit === 'bytes') return `${(value / 2 ** 20).toFixed(0)} MiB`
  const digits = value >= 10 ? value.toFixed(0) : String(Number(value.toPrecision(2)))
  return unit === 's' ? `${digits} s` : digits
}

const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

const text = (words: string, x: number, y: number, style = ''): string =>
  `<text x="${x.toFixed(0)}" y="${y.toFixed(0)}" ${style}>${words.replaceAll(/[&<>]/gu, (one) => ESCAPED[one] ?? one)}</text>`
