import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { imagesIn, type ImageConfig } from './buildah.ts'
import { npmVolumes } from './npm-settings.ts'
import { run } from './program.ts'
import { filesBelow, type RootFile } from './root-files.ts'
import { makeStandIns } from './stand-ins.ts'

/** The Dockerfile's image, built by the commands of the README on stand-ins of its bases. */
export interface OperatorImage {
  readonly config: ImageConfig
  /** What it holds, and what its base held. */
  readonly files: ReadonlyMap<string, RootFile>
  readonly base: ReadonlyMap<string, RootFile>
  /** A folder that a container may have as its root. */
  readonly root: string
  /** Bytes that a node pulls, compressed. */
  readonly pullSize: number
  /** Seconds that the commands took. */
  readonly seconds: number
}

export async function buildOperatorImage(folder: string): Promise<OperatorImage> {
  const images = await imagesIn(folder)
  const bases = await makeStandIns(images, join(folder, 'stand-ins'), 'Dockerfile')
  const commands = dockerCommands(await readFile('README.md', 'utf8'))
  const registry = join(folder, 'registry')
  const programs = await images.likeDocker(bases.args, await npmVolumes(join(folder, 'npmrc')), registry)
  const began = performance.now()
  await run('env', `PATH=${programs}:${process.env['PATH'] ?? ''}`, 'sh', '-euc', commands)
  const seconds = (performance.now() - began) / 1000
  const tag = / --tag (\S+)/u.exec(commands)?.[1] ?? ''
  const root = await images.unpack(tag)
  return {
    config: await images.config(tag),
    files: await filesBelow(root),
    base: await filesBelow(await images.unpack(bases.run)),
    root,
    pullSize: await pullSizeIn(registry),
    seconds,
  }
}

function dockerCommands(readme: string): string {
  const block = /^```sh\n(?<commands>docker build [^`]*)```$/mu.exec(readme)?.groups?.['commands']
  if (block === undefined) throw new Error('README.md has no block that begins with docker build')
  return block
}

const Sized = z.object({ digest: z.string(), size: z.number() })

/** Of the one image in a folder of the form of OCI's image layout. */
async function pullSizeIn(registry: string): Promise<number> {
  const read = async (path: string): Promise<unknown> =>
    JSON.parse(await readFile(join(registry, path), 'utf8'))
  const { manifests } = z.object({ manifests: z.tuple([Sized]) }).parse(await read('index.json'))
  const blob = `blobs/${manifests[0].digest.replace(':', '/')}`
  const { layers } = z.object({ layers: z.array(Sized) }).parse(await read(blob))
  return layers.reduce((sum, { size }) => sum + size, 0)
}
