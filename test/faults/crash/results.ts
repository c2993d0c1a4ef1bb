import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { RequestLists } from './plan.ts'

/** One cell that has been run. */
export const Result = z.object({
  cell: z.string(),
  scenario: z.string(),
  fault: z.string(),
  /** Whether the traffic was changed, in the last of `tries` runs. */
  injected: z.boolean(),
  tries: z.number(),
  duplicates: z.number(),
  leaks: z.number(),
  wrongDeletions: z.number(),
  others: z.array(z.string()),
  recoveryMs: z.number(),
})
export type Result = z.infer<typeof Result>

export const isViolation = ({ duplicates, leaks, wrongDeletions, others }: Result): boolean =>
  duplicates + leaks + wrongDeletions + others.length > 0

/** What is kept between two starts, of one state of the sources. */
export interface Results {
  readonly folder: string
  all(): Result[]
  add(result: Result): void
  requests(): RequestLists
  keepRequests(lists: RequestLists): void
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

const Lists = z.record(z.string(), z.array(z.object({ name: z.string(), ordinal: z.number() })))

/** `name` is of a folder: the digest of the sources, and what else must not be mixed. */
export function openResults(name: string): Results {
  const folder = join(ROOT, '.crash', name)
  mkdirSync(folder, { recursive: true })
  const results = join(folder, 'results.jsonl')
  const lists = join(folder, 'requests.json')
  return {
    folder,
    all: () => linesOf(results).map((line) => Result.parse(JSON.parse(line))),
    add: (result) => appendFileSync(results, `${JSON.stringify(result)}\n`),
    requests: () => (existsSync(lists) ? Lists.parse(JSON.parse(readFileSync(lists, 'utf8'))) : {}),
    keepRequests: (all) => writeFileSync(lists, JSON.stringify(all, undefined, 1)),
  }
}

const linesOf = (path: string): string[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : []
