import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Check {
  readonly name: string
  readonly command: readonly [program: string, ...args: string[]]
}

interface Checked {
  readonly name: string
  readonly passed: boolean
  readonly output: string
}

/** All that needs neither network nor cluster, longest first. What is cached follows from the content of the files. */
const CHECKS: readonly Check[] = [
  { name: 'types+lint', command: ['node', '--max-semi-space-size=64', 'tools/lint.ts'] },
  { name: 'unit', command: ['vitest', 'run', '--project', 'unit'] },
  {
    name: 'format',
    command: ['prettier', '--check', '--cache', '--cache-strategy', 'content', '--log-level', 'warn', '.'],
  },
  { name: 'generated', command: ['node', 'tools/generate.ts', '--check'] },
]

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const ENVIRONMENT = {
  ...process.env,
  // What npm would do, so that `node tools/check.ts` works, too.
  PATH: `${ROOT}node_modules/.bin${delimiter}${process.env['PATH'] ?? ''}`,
  // The compiler, the linter and the test runner are megabytes of code, compiled anew by each process otherwise.
  NODE_COMPILE_CACHE: `${ROOT}node_modules/.cache/compiled`,
}

const secondsSince = (began: number): string => ((performance.now() - began) / 1000).toFixed(1).padStart(5)

async function run({ name, command: [program, ...args] }: Check): Promise<Checked> {
  const began = performance.now()
  const child = spawn(program, args, {
    cwd: ROOT,
    env: ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  const problem = await new Promise<string | undefined>((resolve) => {
    child.once('error', ({ message }) => resolve(message))
    child.once('close', (code, signal) =>
      resolve(code === 0 ? undefined : `ended with ${code ?? signal ?? ''}`),
    )
  })
  const passed = problem === undefined
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name.padEnd(10)} ${secondsSince(began)} s`)
  return { name, passed, output: `${Buffer.concat(chunks).toString().trimEnd()}\n${problem ?? ''}`.trimEnd() }
}

/** As many at a time as there are cores: more would only be in each other's way. */
async function runAll(): Promise<Checked[]> {
  const waiting = CHECKS.values()
  const lane = async (): Promise<Checked[]> => {
    const checked: Checked[] = []
    for (const check of waiting) checked.push(await run(check))
    return checked
  }
  return (await Promise.all(Array.from({ length: availableParallelism() }, lane))).flat()
}

const began = performance.now()
const checked = await runAll()
const failed = checked.filter(({ passed }) => !passed)
for (const { name, output } of failed) console.log(`\n== ${name}\n${output}`)
/** The count of tests stands at the end, whatever else was said. */
const tests = checked
  .find(({ name }) => name === 'unit')
  ?.output.split('\n')
  .slice(-4)
  .join('\n')
console.log(
  `\n${tests ?? ''}\n\n${failed.length === 0 ? 'All' : 'Not all'} checks passed in ${secondsSince(began).trim()} s`,
)
process.exitCode = failed.length === 0 ? 0 : 1
