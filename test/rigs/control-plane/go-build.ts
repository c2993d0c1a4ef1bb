import { spawn } from 'node:child_process'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  goModuleFolder,
  pinnedHelmVersion,
  pinnedKubernetesVersion,
  type GoModule,
} from './pinned-versions.ts'
import { missingPrograms, type ProgramPlace, type Program } from './program.ts'
import { withProgress, type Say } from './progress.ts'

type BuildOrder = {
  module: GoModule
  packagePath: string
  typically: string
  linkerFlags: string
  /** Build tags. */
  tags?: string
}

/** Builds from the pinned Go modules those of `programs` that `folder` lacks. Each file appears there in whole. */
export async function fromGoBuild(
  folder: string,
  programs: readonly Program[],
  options: { env: NodeJS.ProcessEnv; say: Say },
): Promise<ProgramPlace> {
  for (const program of await missingPrograms(folder, programs)) {
    const refusal = await build(folder, program, options)
    if (refusal !== undefined) return { refusal }
  }
  return { folder }
}

async function build(
  folder: string,
  program: Program,
  options: { env: NodeJS.ProcessEnv; say: Say },
): Promise<string | undefined> {
  const order = buildOrder(program)
  const unfinished = join(folder, `${program}.${process.pid}.tmp`)
  // In the cache folder, where the next build removes what a build that was ended has left.
  const work = join(folder, `go-work.${process.pid}.tmp`)
  const what = `go build ${program}`
  options.say(`${what} (the first time on this machine; typically ${order.typically} on two cores)`)
  try {
    await mkdir(work, { recursive: true })
    const env = { ...options.env, GOTMPDIR: work, CGO_ENABLED: '0' }
    await withProgress(what, options.say, () => goBuild(order, unfinished, env))
    await rename(unfinished, join(folder, program))
    return undefined
  } catch (error) {
    return `${what}: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

function buildOrder(program: Program): BuildOrder {
  if (program === 'etcd') {
    const packagePath = 'go.etcd.io/etcd/server/v3'
    return { module: 'etcd', packagePath, typically: 'one minute', linkerFlags: '-s -w' }
  }
  if (program === 'helm') {
    const linkerFlags = `-s -w -X helm.sh/helm/v4/internal/version.version=v${pinnedHelmVersion()}`
    return { module: 'helm', packagePath: 'helm.sh/helm/v4/cmd/helm', typically: 'two minutes', linkerFlags }
  }
  if (program === 'promtool' || program === 'prometheus') {
    const packagePath = `github.com/prometheus/prometheus/cmd/${program}`
    // What finds targets in clouds is half of the program, and no test needs it.
    const without = { tags: 'remove_all_sd', linkerFlags: '-s -w' }
    return { module: 'prometheus', packagePath, typically: 'three minutes', ...without }
  }
  const typically = program === 'kube-apiserver' ? 'five minutes' : 'one minute'
  if (program === 'kwok') {
    const packagePath = 'sigs.k8s.io/kwok/cmd/kwok'
    return { module: 'kubernetes', packagePath, typically, linkerFlags: '-s -w' }
  }
  const packagePath = `k8s.io/kubernetes/cmd/${program}`
  return { module: 'kubernetes', packagePath, typically, linkerFlags: `-s -w ${versionFlags()}` }
}

/** Without these the programs call themselves v0.0.0. */
function versionFlags(): string {
  const version = pinnedKubernetesVersion()
  const [major, minor] = version.split('.')
  const variable = 'k8s.io/component-base/version'
  return `-X ${variable}.gitVersion=v${version} -X ${variable}.gitMajor=${major} -X ${variable}.gitMinor=${minor}`
}

function goBuild(order: BuildOrder, output: string, env: NodeJS.ProcessEnv): Promise<void> {
  const flags = ['-trimpath', '-ldflags', order.linkerFlags, '-tags', order.tags ?? '']
  const args = ['build', ...flags, '-o', output, order.packagePath]
  return new Promise((resolve, reject) => {
    const cwd = goModuleFolder(order.module)
    const go = spawn('go', args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] })
    const endWithOwner = (): boolean => go.kill()
    process.once('exit', endWithOwner)
    let complaint = ''
    go.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-1_000)))
    go.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? new Error('there is no go on the PATH') : error)
    })
    go.on('close', (code) => {
      process.off('exit', endWithOwner)
      if (code === 0) resolve()
      else reject(new Error(`go ended with exit code ${code}: ${complaint.trim()}`))
    })
  })
}
