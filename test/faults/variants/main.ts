import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { copyOf, type Checkout } from './checkout.ts'
import { startProgress } from './progress.ts'
import { projectOf, sameTest, type TestName } from './test-name.ts'
import { runTest, type Ended } from './test-run.ts'
import { resultTable, type VariantResult } from './result-table.ts'
import type { Variant } from './variant.ts'
import { VARIANTS } from './variants.ts'

/**
 * Shows that the tests can fail: each named test passes on the product as it is, and fails, by an assertion, on the
 * product made wrong in one place. `--only WORD` takes the variants whose name, row or test holds the word.
 */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/u, '')

const { values } = parseArgs({ options: { only: { type: 'string' } } })
const chosen = VARIANTS.filter((variant) => isAbout(variant, values.only))
if (chosen.length === 0) {
  console.error(`No variant is about ${values.only ?? ''}`)
  process.exit(2)
}

function isAbout({ name, breaks, noticedBy }: Variant, word: string | undefined): boolean {
  if (word === undefined) return true
  return breaks.includes(word) || `${name} ${noticedBy.file} ${noticedBy.title}`.includes(word)
}

/** A test for several variants is run once on the product as it is. */
function testsOf(variants: readonly Variant[]): TestName[] {
  const tests: TestName[] = []
  for (const { noticedBy } of variants) {
    if (!tests.some((test) => sameTest(test, noticedBy))) tests.push(noticedBy)
  }
  return tests
}

async function runAll(checkout: Checkout): Promise<VariantResult[]> {
  const tests = testsOf(chosen)
  const projects = [...tests, ...chosen.map(({ noticedBy }) => noticedBy)].map(projectOf)
  const progress = startProgress(projects)
  const unedited: (readonly [TestName, Ended])[] = []
  for (const test of tests) {
    const ended = await progress.step(projectOf(test), `${test.file} › ${test.title}`, () =>
      runTest(checkout.folder, test),
    )
    unedited.push([test, ended])
  }
  const results: VariantResult[] = []
  for (const variant of chosen) {
    const { noticedBy, edits } = variant
    const before = unedited.find(([test]) => sameTest(test, noticedBy))?.[1]
    const ended = await progress.step(projectOf(noticedBy), variant.name, () =>
      checkout.withEdits(edits, () => runTest(checkout.folder, noticedBy)),
    )
    results.push({ variant, before: before ?? { kind: 'broken', because: 'was not run' }, ended })
  }
  return results
}

const checkout = await copyOf(ROOT)
try {
  const results = await runAll(checkout)
  const { text, allNoticed } = resultTable(results)
  console.log(`\n${text}`)
  process.exitCode = allNoticed ? 0 : 1
} finally {
  await checkout.remove()
}
