import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { imagesIn } from '../../test/image/buildah.ts'
import { npmVolumes } from '../../test/image/npm-settings.ts'
import { run } from '../../test/image/program.ts'
import { basesOf, makeStandIns } from '../../test/image/stand-ins.ts'
import { goPlatform } from '../../test/rigs/control-plane/pinned-versions.ts'
import type { Say } from '../../test/rigs/control-plane/progress.ts'
import { until } from '../../test/rigs/until.ts'
import { PLATFORMS, type Bases, type KeyFiles } from './target.ts'

/** A registry of images and charts on loopback, in memory. Resolves with its end, which comes with that of this process, too. */
export async function startRegistry(host: string): Promise<() => void> {
  const child = spawn('crane', ['registry', 'serve', '--address', host], { stdio: 'ignore' })
  const end = (): void => void child.kill()
  process.once('exit', end)
  await Promise.race([
    once(child, 'spawn').then(() => until(`the registry ${host}`, () => answers(host))),
    once(child, 'exit').then(([code]) =>
      Promise.reject(new Error(`crane registry serve ended with ${code}`)),
    ),
  ])
  return end
}

const answers = (host: string): Promise<boolean> =>
  fetch(`http://${host}/v2/`).then(
    ({ ok }) => ok,
    () => false,
  )

/** Of a key pair that nobody else ever has; `makeKeys` writes them. */
export const keysIn = (folder: string): KeyFiles => ({
  private: join(folder, 'cosign.key'),
  public: join(folder, 'cosign.pub'),
})

export async function makeKeys(folder: string): Promise<void> {
  const prefix = join(folder, 'cosign')
  await run('env', 'COSIGN_PASSWORD=', 'cosign', 'generate-key-pair', '--output-key-prefix', prefix)
}

/** Asks for one small answer; a closed network often does not answer at all. */
const ASK_SECONDS = '20'

/**
 * The bases of the Dockerfile if their registries answer; else images of their names, made of files of this machine and so
 * for its platform alone.
 */
export async function basesFor(folder: string, say: Say, onStandIns: boolean): Promise<Bases> {
  const refusal = onStandIns ? 'asked for' : await refusalOfRegistries()
  const images = await imagesIn(join(folder, 'images'))
  const { words } = images
  if (refusal === undefined) {
    const building = words.building.filter((word) => word !== '--pull-never')
    return { words: { ...words, building }, platforms: PLATFORMS, lacks: '' }
  }
  const platform = goPlatform().replace('-', '/')
  const others = PLATFORMS.filter((one) => one !== platform).join(', ')
  const lacks = `on stand-ins of the base images (${refusal}), so not for ${others}`
  say(`image: ${lacks}`)
  const bases = await makeStandIns(images, join(folder, 'stand-ins'), 'Dockerfile')
  const volumes = Object.entries(await npmVolumes(join(folder, 'npmrc')))
  const mounts = volumes.flatMap(([here, there]) => ['--volume', `${here}:${there}`])
  return {
    words: { ...words, building: [...words.building, ...bases.args, ...mounts] },
    platforms: [platform],
    lacks,
  }
}

async function refusalOfRegistries(): Promise<string | undefined> {
  const { build, run: base } = basesOf(await readFile('Dockerfile', 'utf8'))
  const asked = [build, base].map((image) => run('timeout', ASK_SECONDS, 'crane', 'digest', image))
  return Promise.all(asked).then(
    () => undefined,
    () => 'their registries do not answer',
  )
}
