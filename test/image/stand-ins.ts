import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Images } from './buildah.ts'
import { run } from './program.ts'

/**
 * Images with the names of those that the Dockerfile builds on, made of files of this machine: no registry of images is
 * asked. What they hold is what the Dockerfile may count on, and no more.
 */
export async function makeStandIns(images: Images, folder: string, dockerfile: string): Promise<StandIns> {
  const named = basesOf(await readFile(dockerfile, 'utf8'))
  // Nothing made here has the digest of another image.
  const bases = { build: withoutDigest(named.build), run: withoutDigest(named.run) }
  await makeImage(images, join(folder, 'base'), { tag: bases.run, fill: fillLikeDistroless })
  await makeImage(images, join(folder, 'node'), { tag: bases.build, fill: fillLikeNode })
  const args = ['--build-arg', `NODE_IMAGE=${bases.build}`, '--build-arg', `BASE_IMAGE=${bases.run}`]
  return { ...bases, args }
}

export interface BaseImages {
  readonly build: string
  readonly run: string
}

export interface StandIns extends BaseImages {
  /** What a build is told, so that it starts from them. */
  readonly args: readonly string[]
}

const withoutDigest = (image: string): string => image.replace(/@.*$/u, '')

/** The images that a Dockerfile names as its bases. */
export function basesOf(dockerfile: string): BaseImages {
  const named = (argument: string): string => {
    const image = new RegExp(`^ARG ${argument}=(\\S+)$`, 'mu').exec(dockerfile)?.[1]
    if (image === undefined) throw new Error(`The Dockerfile has no ARG ${argument}`)
    return image
  }
  return { build: named('NODE_IMAGE'), run: named('BASE_IMAGE') }
}

interface Filling {
  readonly tag: string
  readonly fill: (root: string) => Promise<void>
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const PEOPLE =
  'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n'

async function makeImage(images: Images, folder: string, { tag, fill }: Filling): Promise<void> {
  const root = join(folder, 'root')
  for (const empty of ['etc', 'root', 'tmp']) await mkdir(join(root, empty), { recursive: true })
  await writeFile(join(root, 'etc/passwd'), PEOPLE)
  await fill(root)
  const file = join(folder, 'Dockerfile')
  await writeFile(file, `FROM scratch\nCOPY . /\nENV PATH=${PATH}\n`)
  await images.build({ tag, context: root, file })
}

/**
 * The libraries of Node that gcr.io/distroless/cc has: of Debian's libc6, libgcc-s1 and libstdc++6, see
 * https://github.com/GoogleContainerTools/distroless/tree/main/cc.
 */
const DISTROLESS_LIBRARIES = /\/(?:ld-linux-[\w-]+|lib(?:c|dl|m|pthread|gcc_s|stdc\+\+))\.so\.\d+$/u

async function fillLikeDistroless(root: string): Promise<void> {
  const libraries = await librariesOf(process.execPath)
  const others = libraries.filter((path) => !DISTROLESS_LIBRARIES.test(path))
  if (others.length > 0)
    throw new Error(`Node needs ${others.join(', ')}, which the base image does not have`)
  await copyInto(root, libraries)
}

/** The build stage: Node as it is pinned, npm, and a shell that runs the lines of the Dockerfile. */
async function fillLikeNode(root: string): Promise<void> {
  const programs = ['/bin/sh', '/usr/bin/env']
  const libraries = await Promise.all([process.execPath, ...programs].map(librariesOf))
  await copyInto(root, [...programs, ...libraries.flat()])
  const local = join(root, 'usr/local')
  const npm = join(await run('npm', 'root', '--global'), 'npm')
  await cp(process.execPath, join(local, 'bin/node'))
  await cp(join(dirname(process.execPath), '../LICENSE'), join(local, 'LICENSE'))
  await cp(npm, join(local, 'lib/node_modules/npm'), { recursive: true, verbatimSymlinks: true })
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'))
}

/** Absolute paths, the loader included. */
async function librariesOf(program: string): Promise<string[]> {
  const lines = await run('ldd', program)
  return [...lines.matchAll(/(?:^\s+|=> )(?<path>\/\S+) \(0x/gmu)].map(({ groups }) => groups?.['path'] ?? '')
}

async function copyInto(root: string, paths: readonly string[]): Promise<void> {
  for (const path of new Set(paths)) await cp(path, join(root, path), { dereference: true })
}
