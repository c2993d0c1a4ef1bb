import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { arch, cpus, release, totalmem, type as system } from 'node:os'
import { fileURLToPath } from 'node:url'
import { buildBundle } from '../rigs/control-plane/bundle.ts'
import { pinnedKubernetesVersion } from '../rigs/control-plane/pinned-versions.ts'
import { sayOnStderr } from '../rigs/control-plane/progress.ts'
import { withGeneratedPart } from '../../tools/generated-part.ts'
import type { Round } from './figures.ts'
import { readBenchOptions, type BenchOptions } from './form.ts'
import { foreignShareFor } from './meters.ts'
import { marksOf, resultsOf, type BenchSetting } from './page.ts'
import { busy, reportOf } from './report.ts'
import { playRound } from './round.ts'

/**
 * `npm run bench`: what the operator costs, beside a program that does no more than it must. Exit codes: 0 when it was
 * measured, whatever came out; 1 when not, as on a busy machine; 2 for a wrong option.
 */

/** How long the machine is watched before, milliseconds. */
const WATCHED = 5_000
const GIBIBYTE = 1024 ** 3

process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
const args = process.argv.slice(2)

function optionsOr2(): BenchOptions {
  try {
    return readBenchOptions(args)
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`)
    process.exit(2)
  }
}

function setting(): BenchSetting {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / GIBIBYTE)
  return {
    version: `${version}, ${commit()}`,
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${cpu?.model ?? arch()}, ${memory} GiB, ${system()} ${release()}`,
    programs: `Node ${process.versions.node}, kube-apiserver ${pinnedKubernetesVersion()}, the simulator of Twilio at 100 ms`,
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
  }
}

/** A folder that was unpacked has no history. */
function commit(): string {
  try {
    const argv = ['describe', '--always', '--dirty', '--exclude=*']
    return `commit ${execFileSync('git', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()}`
  } catch {
    return 'commit unknown'
  }
}

async function bench({ form, anyway }: BenchOptions): Promise<number> {
  const refusal = anyway ? undefined : busy(await foreignShareFor(WATCHED))
  if (refusal !== undefined) {
    console.error(`${refusal} Wait until it is quiet, or run it with --anyway, which judges nothing.`)
    return 1
  }
  buildBundle()
  const rounds: Round[] = []
  for (let number = 1; number <= form.rounds; number += 1)
    rounds.push(await playRound(form, `round ${number} of ${form.rounds}`, sayOnStderr))
  const report = reportOf(form, rounds)
  const results = resultsOf(form, report, setting())
  console.log(results)
  if (report.notJudged !== undefined) return 0
  const page = 'docs/performance.md'
  writeFileSync(page, withGeneratedPart(readFileSync(page, 'utf8'), marksOf(form.name), results))
  console.error(`wrote ${page}`)
  return 0
}

const options = optionsOr2()
process.exit(
  await bench(options).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error))
    return 1
  }),
)
