import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { chmod, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import * as yaml from 'js-yaml'
import { z } from 'zod'
import { goPlatform, pinnedKubernetesVersion } from './pinned-versions.ts'
import { REQUIRED_PROGRAMS, type ProgramPlace, type Program } from './program.ts'
import { withProgress, type Say } from './progress.ts'

export const RELEASE_INDEX_URL =
  'https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml'
const FIRST_ANSWER_MS = 5_000
const WHOLE_DOWNLOAD_MS = 15 * 60_000

const ReleaseIndex = z.object({
  releases: z.record(z.string(), z.record(z.string(), z.object({ hash: z.string(), selfLink: z.url() }))),
})
type Archive = { name: string; hash: string; selfLink: string }

/**
 * Fetches the archive that controller-tools publishes for envtest: the newest patch release of the pinned minor
 * version for this platform. Nothing of an archive reaches `folder` unless its SHA-512 is the published one.
 * A machine without internet gives up after five seconds.
 */
export async function fromReleaseArchive(
  folder: string,
  programs: readonly Program[],
  options: { env: NodeJS.ProcessEnv; say: Say; releaseIndexUrl: string },
): Promise<ProgramPlace> {
  const unpublished = programs.filter(
    (program) => !REQUIRED_PROGRAMS.some((published) => published === program),
  )
  if (unpublished.length > 0) return { refusal: `release archive: it holds no ${unpublished.join(', ')}` }
  const unpacked = join(folder, `archive.${process.pid}.tmp`)
  try {
    options.say(`release archive: looking in ${options.releaseIndexUrl}`)
    const archive = await findArchive(options.releaseIndexUrl)
    await mkdir(unpacked, { recursive: true })
    const work = (): Promise<void> => downloadInto(unpacked, archive, options.env)
    await withProgress(`release archive: fetching ${archive.name} (about 100 MB)`, options.say, work)
    await putInPlace(unpacked, folder)
    return { folder }
  } catch (error) {
    return { refusal: `release archive: ${reasonOf(error)}` }
  } finally {
    await rm(unpacked, { recursive: true, force: true })
  }
}

async function findArchive(indexUrl: string): Promise<Archive> {
  const response = await fetchSoon(indexUrl)
  const index = ReleaseIndex.parse(yaml.load(await response.text()))
  const minor = pinnedKubernetesVersion().split('.').slice(0, 2).join('.')
  const patchOf = (version: string): number =>
    Number(new RegExp(`^v${minor}\\.(\\d+)$`).exec(version)?.[1] ?? NaN)
  const newestFirst = Object.keys(index.releases)
    .filter((version) => !Number.isNaN(patchOf(version)))
    .sort((a, b) => patchOf(b) - patchOf(a))
  for (const version of newestFirst) {
    const name = `envtest-${version}-${goPlatform()}.tar.gz`
    const archive = index.releases[version]?.[name]
    if (archive !== undefined) return { name, ...archive }
  }
  throw new Error(`no archive of version ${minor} for ${goPlatform()} is published`)
}

async function downloadInto(folder: string, archive: Archive, env: NodeJS.ProcessEnv): Promise<void> {
  const response = await fetchSoon(archive.selfLink)
  if (response.body === null) throw new Error('the archive is empty')
  const file = join(folder, 'archive.tar.gz')
  const hash = createHash('sha512')
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  const limit = { signal: AbortSignal.timeout(WHOLE_DOWNLOAD_MS) }
  await pipeline(Readable.fromWeb(response.body), hashing, createWriteStream(file), limit)
  if (hash.digest('hex') !== archive.hash.toLowerCase()) {
    throw new Error(`SHA-512 of ${archive.selfLink} is not the published one`)
  }
  await promisify(execFile)('tar', ['-xzf', file, '-C', folder, '--strip-components=2'], { env })
}

async function putInPlace(unpacked: string, folder: string): Promise<void> {
  for (const program of REQUIRED_PROGRAMS) {
    await chmod(join(unpacked, program), 0o755)
    await rename(join(unpacked, program), join(folder, program))
  }
}

/** Gives up when no answer has begun in time; the body may take longer. */
async function fetchSoon(url: string): Promise<Response> {
  const tooLate = new AbortController()
  const timer = setTimeout(
    () => tooLate.abort(new Error(`no answer within ${FIRST_ANSWER_MS} ms`)),
    FIRST_ANSWER_MS,
  )
  try {
    const response = await fetch(url, { signal: tooLate.signal })
    if (!response.ok) throw new Error(`${url} answers ${response.status}`)
    return response
  } finally {
    clearTimeout(timer)
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}
