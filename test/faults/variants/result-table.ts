import type { Ended } from './test-run.ts'
import type { Variant } from './variant.ts'

export interface VariantResult {
  readonly variant: Variant
  /** The same test on the product as it is. */
  readonly before: Ended
  readonly ended: Ended
}

/** Noticed: the test passes on the product as it is and fails, by an assertion, on the variant. */
export function verdictOf({ before, ended }: Pick<VariantResult, 'before' | 'ended'>): string {
  if (before.kind !== 'passed') return 'NO PASS BEFORE'
  if (ended.kind === 'passed') return 'NOT NOTICED'
  return ended.kind === 'broken' ? 'BROKEN' : 'noticed'
}

/** A table for people, with the reason beneath each line that is not as it should be. */
export function resultTable(results: readonly VariantResult[]): {
  readonly text: string
  readonly allNoticed: boolean
} {
  const width = Math.max(...results.map(({ variant }) => variant.name.length))
  const lines = results.flatMap((result) => {
    const { variant, before, ended } = result
    const verdict = verdictOf(result)
    const { file, title } = variant.noticedBy
    const line = `${verdict.padEnd(14)}  ${variant.name.padEnd(width)}  ${variant.breaks.join(', ').padEnd(9)}  ${file} › ${title}`
    return verdict === 'noticed'
      ? [line]
      : [line, `    ${reasonOf(before.kind === 'passed' ? ended : before)}`]
  })
  const noticed = results.filter((result) => verdictOf(result) === 'noticed').length
  const sum = `${noticed} of ${results.length} variants of the product are noticed by the test that must notice them.`
  return { text: [...lines, '', sum].join('\n'), allNoticed: noticed === results.length }
}

const reasonOf = (ended: Ended): string => (ended.kind === 'passed' ? 'it passed' : ended.because)
