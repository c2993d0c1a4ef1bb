import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { NoBinariesError, cacheFolder, findPrograms } from './binaries.ts'
import { goPlatform } from './pinned-versions.ts'
import { REQUIRED_PROGRAMS } from './program.ts'

let folder: string
let env: NodeJS.ProcessEnv
let server: Server | undefined
const said: string[] = []
const say = (line: string): void => void said.push(line)
const unreachable = 'http://127.0.0.1:1/index.yaml'

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'binaries-test-'))
  env = { XDG_CACHE_HOME: join(folder, 'cache'), PATH: join(folder, 'bin') }
  mkdirSync(join(folder, 'bin'))
  said.length = 0
})

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
  rmSync(folder, { recursive: true, force: true })
})

/** Shell scripts in place of the programs: they answer `--version` as the real ones do. */
function writePrograms(into: string, version = 'v1.37.2'): string {
  mkdirSync(into, { recursive: true })
  for (const program of REQUIRED_PROGRAMS) writeScript(join(into, program), `echo Kubernetes ${version}`)
  return into
}

function writeScript(path: string, body: string): void {
  writeFileSync(path, `#!/bin/sh\n${body}\n`)
  chmodSync(path, 0o755)
}

/** A stand-in for the published index and archives; `publishedHash` defaults to the true one. */
async function serveReleases(versions: readonly string[], publishedHash?: string): Promise<string> {
  const archives = new Map(
    versions.map((version) => [`envtest-${version}-${goPlatform()}.tar.gz`, pack(version)]),
  )
  const started = createServer((request, response) => {
    const archive = archives.get(request.url?.slice(1) ?? '')
    response.end(archive ?? index(`http://${request.headers.host}`))
  }).listen(0, '127.0.0.1')
  const index = (origin: string): string =>
    ['releases:', ...versions.flatMap((version) => entry(origin, version))].join('\n')
  const entry = (origin: string, version: string): string[] => {
    const name = `envtest-${version}-${goPlatform()}.tar.gz`
    const hash = publishedHash ?? sha512(archives.get(name) ?? Buffer.alloc(0))
    return [`  ${version}:`, `    ${name}:`, `      hash: ${hash}`, `      selfLink: ${origin}/${name}`]
  }
  server = started
  await once(started, 'listening')
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}/index.yaml`
}

function pack(version: string): Buffer {
  const root = join(folder, `release-${version}`)
  writePrograms(join(root, 'controller-tools', 'envtest'), version)
  return execFileSync('tar', ['-czf', '-', '-C', root, 'controller-tools'])
}

function sha512(content: Buffer): string {
  return createHash('sha512').update(content).digest('hex')
}

async function refusalOf(search: Promise<string>): Promise<NoBinariesError> {
  const error = await search.then(
    (found) => new Error(`found ${found}`),
    (reason: unknown) => reason,
  )
  if (error instanceof NoBinariesError) return error
  throw error
}

test('KUBEBUILDER_ASSETS comes first, because whoever sets it has chosen', async () => {
  const assets = writePrograms(join(folder, 'assets'), 'v1.32.0')
  writePrograms(cacheFolder(env))
  expect(await findPrograms(undefined, { env: { ...env, KUBEBUILDER_ASSETS: assets }, say })).toBe(assets)
})

test.for(['v1.31.9', 'v0.37.2'])(
  'KUBEBUILDER_ASSETS of version %s is passed over, and said to be',
  async (version) => {
    const assets = writePrograms(join(folder, 'assets'), version)
    const search = findPrograms(undefined, {
      env: { ...env, KUBEBUILDER_ASSETS: assets },
      say,
      releaseIndexUrl: unreachable,
    })
    expect((await refusalOf(search)).refusals.join()).toContain(version)
  },
)

test('the cache is used in silence, because every test run asks for it', async () => {
  const cache = writePrograms(cacheFolder(env))
  expect(await findPrograms(undefined, { env, say })).toBe(cache)
  expect(said).toEqual([])
})

test('the newest patch of the pinned minor version is fetched, unpacked and kept', async () => {
  env.PATH = process.env.PATH
  const releaseIndexUrl = await serveReleases(['v1.37.2', 'v1.37.10', 'v1.38.0', 'v1.36.9'])
  const found = await findPrograms(undefined, { env, say, releaseIndexUrl })
  expect(found).toBe(cacheFolder(env))
  expect(execFileSync(join(found, 'kubectl')).toString()).toContain('v1.37.10')
  expect(readdirSync(found).sort()).toEqual([...REQUIRED_PROGRAMS].sort())
  expect(said).not.toEqual([])
})

test('an archive with another SHA-512 than the published one leaves nothing in the cache', async () => {
  const releaseIndexUrl = await serveReleases(['v1.37.2'], sha512(Buffer.from('another archive')))
  const refused = await refusalOf(findPrograms(undefined, { env, say, releaseIndexUrl }))
  expect(refused.refusals.join()).toContain('SHA-512')
  expect(readdirSync(cacheFolder(env))).toEqual([])
})

test('a machine without tools or internet gets one error that names every place tried', async () => {
  const { refusals, message } = await refusalOf(
    findPrograms(undefined, { env, say, releaseIndexUrl: unreachable }),
  )
  expect(refusals.map((line) => line.split(' ')[0])).toEqual([
    'KUBEBUILDER_ASSETS:',
    'cache:',
    'release',
    'go',
  ])
  for (const refusal of refusals) expect(message).toContain(refusal)
})

test('a server that never answers is given up within seconds, because a closed network often looks so', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  server = silent
  await once(silent, 'listening')
  const releaseIndexUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`
  const started = performance.now()
  await refusalOf(findPrograms(undefined, { env, say, releaseIndexUrl }))
  expect(performance.now() - started).toBeLessThan(20_000)
})

test('a cache folder that cannot be made is part of the one error', async () => {
  writeFileSync(join(folder, 'cache'), 'a file where a folder should be')
  const { refusals } = await refusalOf(findPrograms(undefined, { env, say, releaseIndexUrl: unreachable }))
  expect(refusals).toHaveLength(3)
})

/** A stand-in for the go program: notes that it was asked and writes the file named after `-o`. */
function installGo(outcome: string): void {
  env.PATH = `${join(folder, 'bin')}:${process.env.PATH}`
  writeScript(join(folder, 'bin', 'go'), `echo "$@" >> ${folder}/go-calls\nsleep 0.2\n${outcome}`)
}
const writesItsOutput = 'while [ "$1" != -o ]; do shift; done; echo built > "$2"; chmod +x "$2"'
const goCalls = (): string[] => readFileSync(join(folder, 'go-calls'), 'utf8').trim().split('\n')

test('two searches at once build each program once', async () => {
  installGo(writesItsOutput)
  const search = (): Promise<string> => findPrograms(undefined, { env, say, releaseIndexUrl: unreachable })
  expect(await Promise.all([search(), search()])).toEqual([cacheFolder(env), cacheFolder(env)])
  expect(goCalls()).toHaveLength(REQUIRED_PROGRAMS.length)
  expect(readdirSync(cacheFolder(env)).sort()).toEqual([...REQUIRED_PROGRAMS].sort())
})

test('the lock and the unfinished files of a killed builder are no obstacle', async () => {
  installGo(writesItsOutput)
  const cache = cacheFolder(env)
  mkdirSync(cache, { recursive: true })
  const dead = execFileSync('/bin/sh', ['-c', 'echo $$']).toString()
  writeFileSync(join(cache, 'build.lock'), dead)
  writeFileSync(join(cache, `kubectl.${dead.trim()}.tmp`), 'half of it')
  await findPrograms(undefined, { env, say, releaseIndexUrl: unreachable })
  expect(readdirSync(cache).sort()).toEqual([...REQUIRED_PROGRAMS].sort())
})

test('a failing build quotes what go complained about', async () => {
  installGo('echo no such module >&2; exit 1')
  const { refusals } = await refusalOf(findPrograms(undefined, { env, say, releaseIndexUrl: unreachable }))
  expect(refusals.at(-1)).toContain('no such module')
})
