import { execFile } from 'node:child_process'
import { readdir, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { withBuildLock } from './build-lock.ts'
import { fromGoBuild } from './go-build.ts'
import { goPlatform, pinnedKubernetesVersion } from './pinned-versions.ts'
import { REQUIRED_PROGRAMS, missingPrograms, type ProgramPlace, type Program } from './program.ts'
import { sayOnStderr, type Say } from './progress.ts'
import { RELEASE_INDEX_URL, fromReleaseArchive } from './release-archive.ts'

const OLDEST_MINOR = 32

export type BinariesOptions = {
  /** Read: KUBEBUILDER_ASSETS, XDG_CACHE_HOME, PATH and whatever `go` reads. Default: of this process. */
  env?: NodeJS.ProcessEnv
  say?: Say
  releaseIndexUrl?: string
}

/** No place has the programs and none could make them; the message lists each place with its reason. */
export class NoBinariesError extends Error {
  readonly refusals: readonly string[]

  constructor(programs: readonly Program[], refusals: readonly string[]) {
    const advice =
      'Set KUBEBUILDER_ASSETS to a folder that holds them (Kubernetes 1.32 or later), or connect to the ' +
      'internet, or install Go 1.26 or later with access to a Go module proxy.'
    super(
      [`No ${programs.join(', ')} to run. Tried:`, ...refusals.map((line) => `- ${line}`), advice].join('\n'),
    )
    this.name = 'NoBinariesError'
    this.refusals = refusals
  }
}

/**
 * The folder that holds `programs`: KUBEBUILDER_ASSETS, the cache folder of this project, a published release
 * archive, a build of the pinned Go modules, in this order. Says what it makes and how long that takes; what was
 * made is kept in the cache folder.
 */
export async function findPrograms(
  programs: readonly Program[] = REQUIRED_PROGRAMS,
  options: BinariesOptions = {},
): Promise<string> {
  const { env = process.env, say = sayOnStderr, releaseIndexUrl = RELEASE_INDEX_URL } = options
  const cache = cacheFolder(env)
  const places = [() => fromAssets(programs, env), () => fromCache(cache, programs)]
  const ready = await askInTurn(places)
  if ('folder' in ready) return ready.folder
  for (const refusal of ready.refusals) say(refusal)
  const makers = [
    () => fromReleaseArchive(cache, programs, { env, say, releaseIndexUrl }),
    () => fromGoBuild(cache, programs, { env, say }),
  ]
  const made = await withBuildLock(cache, say, async () => {
    await removeUnfinished(cache)
    const madeMeanwhile = await fromCache(cache, programs)
    return 'folder' in madeMeanwhile ? madeMeanwhile : askInTurn(makers, say)
  }).catch((error: unknown) => ({ refusals: [`cache: ${String(error)}`] }))
  if ('folder' in made) return made.folder
  throw new NoBinariesError(programs, [...ready.refusals, ...made.refusals])
}

/** Where programs made for this checkout are kept between runs. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const caches = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache')
  return join(caches, 'twilio-sink-operator', `kubernetes-${pinnedKubernetesVersion()}-${goPlatform()}`)
}

async function askInTurn(
  places: readonly (() => Promise<ProgramPlace>)[],
  say: Say = () => undefined,
): Promise<{ folder: string } | { refusals: string[] }> {
  const refusals: string[] = []
  for (const ask of places) {
    const answer = await ask()
    if ('folder' in answer) return answer
    refusals.push(answer.refusal)
    say(answer.refusal)
  }
  return { refusals }
}

async function fromCache(folder: string, programs: readonly Program[]): Promise<ProgramPlace> {
  const missing = await missingPrograms(folder, programs)
  return missing.length === 0 ? { folder } : { refusal: `cache: ${folder} holds no ${missing.join(', ')}` }
}

async function fromAssets(programs: readonly Program[], env: NodeJS.ProcessEnv): Promise<ProgramPlace> {
  const folder = env.KUBEBUILDER_ASSETS
  if (!folder) return { refusal: 'KUBEBUILDER_ASSETS: not set' }
  const missing = await missingPrograms(folder, programs)
  if (missing.length > 0) return { refusal: `KUBEBUILDER_ASSETS: ${folder} holds no ${missing.join(', ')}` }
  if (!programs.includes('kube-apiserver')) return { folder }
  const version = await kubernetesVersionOf(join(folder, 'kube-apiserver'))
  const [, major, minor] = /v(\d+)\.(\d+)/.exec(version) ?? []
  if (Number(major) === 1 && Number(minor) >= OLDEST_MINOR) return { folder }
  return { refusal: `KUBEBUILDER_ASSETS: ${folder} has ${version}, older than 1.${OLDEST_MINOR}` }
}

/** What a Kubernetes program answers to `--version`, for example `Kubernetes v1.37.2`. */
export async function kubernetesVersionOf(program: string): Promise<string> {
  return promisify(execFile)(program, ['--version'], { timeout: 30_000 }).then(
    ({ stdout }) => stdout.trim(),
    () => 'a kube-apiserver that does not run here',
  )
}

/** Only the holder of the lock writes here, so what is unfinished belongs to a process that died. */
async function removeUnfinished(folder: string): Promise<void> {
  const names = await readdir(folder)
  const unfinished = names.filter((name) => name.endsWith('.tmp'))
  await Promise.all(unfinished.map((name) => rm(join(folder, name), { recursive: true, force: true })))
}
