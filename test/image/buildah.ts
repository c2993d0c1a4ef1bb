import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { run } from './program.ts'

/** What a container runtime reads of an image. */
const ImageConfig = z.object({
  User: z.string().default(''),
  Env: z.array(z.string()).default([]),
  Entrypoint: z.array(z.string()).default([]),
  Cmd: z.array(z.string()).nullish(),
  WorkingDir: z.string().default(''),
  Labels: z.record(z.string(), z.string()).default({}),
})
export type ImageConfig = z.infer<typeof ImageConfig>

/** Of the machine into each RUN of a build: path here to path there. They leave nothing in the image. */
export type Volumes = Readonly<Record<string, string>>

/** Parts of commands of buildah. */
export interface BuildahWords {
  /** Before each verb. */
  readonly storage: readonly string[]
  /** After a verb that reads or writes an image elsewhere. */
  readonly trust: readonly string[]
  /** The verb of a build, with its options. */
  readonly building: readonly string[]
}

/** Images in a folder of their own; nothing is pulled. */
export interface Images {
  readonly words: BuildahWords
  build(options: { readonly tag: string; readonly file: string; readonly context: string }): Promise<void>
  config(tag: string): Promise<ImageConfig>
  /** Resolves with a folder that holds the files of the image and may be the root of a container. */
  unpack(tag: string): Promise<string>
  /** Makes a program `docker` that builds here, on other bases, and pushes into the folder `registry`; resolves with its folder. */
  likeDocker(bases: readonly string[], volumes: Volumes, registry: string): Promise<string>
}

const ANY_IMAGE = { default: [{ type: 'insecureAcceptAnything' }] }

export async function imagesIn(folder: string): Promise<Images> {
  await mkdir(folder, { recursive: true })
  const policy = join(folder, 'policy.json')
  await writeFile(policy, JSON.stringify(ANY_IMAGE))
  const places = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run')]
  const storage = [...places, '--storage-driver', 'vfs']
  const trust = ['--signature-policy', policy]
  const building = ['bud', '--isolation', 'chroot', '--pull-never', ...trust]
  return {
    words: { storage, trust, building },
    build: async ({ tag, file, context }) => {
      await run('buildah', ...storage, ...building, '--tag', tag, '--file', file, context)
    },
    config: async (tag) => {
      const { OCIv1 } = z
        .object({ OCIv1: z.object({ config: ImageConfig }) })
        .parse(JSON.parse(await run('buildah', ...storage, 'inspect', '--type', 'image', tag)))
      return OCIv1.config
    },
    unpack: async (tag) => {
      const container = await run('buildah', ...storage, 'from', '--pull-never', ...trust, tag)
      return run('buildah', ...storage, 'mount', container)
    },
    likeDocker: async (bases, volumes, registry) => {
      const mounts = Object.entries(volumes).flatMap(([here, there]) => ['--volume', `${here}:${there}`])
      const build = quoted(['buildah', ...storage, ...building, ...bases, ...mounts])
      const push = quoted(['buildah', ...storage, 'push', ...trust])
      const programs = join(folder, 'bin')
      await mkdir(programs)
      await writeFile(join(programs, 'docker'), dockerScript(build, push, registry), { mode: 0o755 })
      return programs
    },
  }
}

const quoted = (words: readonly string[]): string =>
  words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')

const dockerScript = (build: string, push: string, registry: string): string => `#!/bin/sh
verb=$1
shift
case $verb in
build) exec ${build} "$@" ;;
push) exec ${push} "$1" ${quoted([`oci:${registry}`])} ;;
esac
exit 1
`
