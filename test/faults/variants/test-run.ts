import { spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { projectOf, titlePattern, type TestName } from './test-name.ts'

/** How a test ended. */
export type Ended =
  | { readonly kind: 'passed' }
  /** Something was looked at and was not as it should be. */
  | { readonly kind: 'failed-by-assertion'; readonly because: string }
  /** It never came to the point: an import that fails, an error nobody expected, or no such test. */
  | { readonly kind: 'broken'; readonly because: string }

const Report = z.object({
  testResults: z.array(
    z.object({
      message: z.string().default(''),
      assertionResults: z.array(
        z.object({ title: z.string(), status: z.string(), failureMessages: z.array(z.string()).default([]) }),
      ),
    }),
  ),
})
type Report = z.infer<typeof Report>

/** Milliseconds; the slowest of the tests needs an API server of its own. */
const LONGEST = 300_000

/** Runs one test of the checkout in `folder` with Vitest. */
export async function runTest(folder: string, test: TestName): Promise<Ended> {
  const outputFile = join(folder, 'node-report.json')
  await rm(outputFile, { force: true })
  const output = await vitest(folder, [
    'run',
    '--project',
    projectOf(test),
    test.file,
    '--testNamePattern',
    titlePattern(test).source,
    '--reporter=json',
    `--outputFile=${outputFile}`,
  ])
  const report = await readFile(outputFile, 'utf8').catch(() => undefined)
  if (report === undefined)
    return { kind: 'broken', because: `Vitest wrote no report:\n${output.slice(-2000)}` }
  return endOf(Report.parse(JSON.parse(report)), test)
}

/** What a report says of one test; exported for its own test. */
export function endOf({ testResults }: Report, test: TestName): Ended {
  const pattern = titlePattern(test)
  const found = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ title, status }) => pattern.test(title) && (status === 'passed' || status === 'failed'))
  const failures = found
    .filter(({ status }) => status === 'failed')
    .flatMap(({ failureMessages }) => failureMessages)
  const byAssertion = failures.find(isAssertion)
  if (byAssertion !== undefined) return { kind: 'failed-by-assertion', because: firstLine(byAssertion) }
  const [failure] = failures
  if (failure !== undefined) return { kind: 'broken', because: firstLine(failure) }
  if (found.length > 0) return { kind: 'passed' }
  const trouble = testResults.map(({ message }) => message).join('\n')
  return { kind: 'broken', because: trouble === '' ? 'no test has this title' : firstLine(trouble) }
}

/** An expectation, a wait for one that has run out, or a property with a counterexample. */
const isAssertion = (message: string): boolean =>
  /^(?:AssertionError\b|Error: Not seen within|Error: Property failed after)/u.test(message)

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''

async function vitest(folder: string, args: readonly string[]): Promise<string> {
  const program = join(folder, 'node_modules/vitest/vitest.mjs')
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST,
  })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return Buffer.concat(chunks).toString()
}
