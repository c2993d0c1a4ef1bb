import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { factsOf, type SourceFacts } from '../test/unit/source-facts.ts'
import { markdownTable } from './markdown-table.ts'

/**
 * `npm run figures`: how large the house is, beside what it was when somebody first counted it and what it is to become.
 * How much of it a change enters is counted by `npm run trace`, and both run on any commit.
 */

interface Figure {
  readonly name: string
  /** Counted on commit fa9aaa0 of 2026-11-28. */
  readonly before: string
  readonly aim: string
  readonly now: (sources: readonly SourceFacts[]) => string
  /** Why the aim is not reached. */
  readonly why?: string
}

const lines = ({ lines: count }: SourceFacts): number => count
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
const upTo = (most: number) => (sources: readonly SourceFacts[]) =>
  sources.filter((source) => lines(source) <= most).length

/** By what is counted, how often it was met. */
function tally(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

const importedBy = (sources: readonly SourceFacts[]): ReadonlyMap<string, number> =>
  tally(
    sources.flatMap(({ imports }) => [
      ...new Set(imports.filter(({ isPackage }) => !isPackage).map(({ target }) => target)),
    ]),
  )

function fullest(sources: readonly SourceFacts[]): string {
  const folders = [...tally(sources.map(({ path }) => dirname(path)))]
  const [folder, count] = folders.reduce((a, b) => (b[1] > a[1] ? b : a))
  return `${folder}, ${count}`
}

const FIGURES: readonly Figure[] = [
  { name: 'files', before: '263', aim: '190', now: ({ length }) => String(length) },
  {
    name: 'lines',
    before: '16,887',
    aim: '14,000',
    now: (all) => sum(all.map(lines)).toLocaleString('en'),
    why: 'since the count it has learned whose a key is, to look before a SID is recorded, and to read half an object: 2,500 lines',
  },
  { name: 'files of at most 15 lines', before: '22', aim: '3', now: (all) => String(upTo(15)(all)) },
  { name: 'files of at most 30 lines', before: '73', aim: '20', now: (all) => String(upTo(30)(all)) },
  {
    name: 'files that one other file imports',
    before: '105',
    aim: '50',
    now: (all) => String([...importedBy(all).values()].filter((count) => count === 1).length),
  },
  {
    name: 'files in no folder',
    before: '31',
    aim: '2',
    now: (all) => String(all.filter(({ path }) => dirname(path) === 'src').length),
  },
  { name: 'files of the fullest folder', before: 'src/reconciler, 45', aim: '16', now: fullest },
  {
    name: 'functions of more than 40 lines',
    before: '20',
    aim: '0',
    now: (all) => String(all.flatMap(({ functions }) => functions).filter((one) => one.lines > 40).length),
  },
  {
    name: 'names that several files export',
    before: '21',
    aim: '0',
    now: (all) =>
      String([...tally(all.flatMap(({ exports }) => exports)).values()].filter((count) => count > 1).length),
  },
]

const ROOT = new URL('../', import.meta.url)
const sources = globSync('src/**/*.ts', { cwd: ROOT })
  .sort()
  .map((path) => factsOf(path, readFileSync(new URL(path, ROOT), 'utf8')))
const rows = FIGURES.map(({ name, before, aim, now, why = '' }) => [name, before, now(sources), aim, why])
process.stdout.write(`${markdownTable(['in src', '2026-11-28', 'now', 'aim', 'why not'], rows)}\n`)
