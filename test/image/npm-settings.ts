import { writeFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Volumes } from './buildah.ts'
import { run } from './program.ts'

const NpmSettings = z.object({ registry: z.string(), cache: z.string(), cafile: z.string().nullish() })

/** Lets npm inside a build ask whom npm asks here, and look into the cache of this machine first. Writes `file`. */
export async function npmVolumes(file: string): Promise<Volumes> {
  const { registry, cache, cafile } = NpmSettings.parse(
    JSON.parse(await run('npm', 'config', 'list', '--json')),
  )
  const trusted = cafile ?? process.env['NODE_EXTRA_CA_CERTS']
  const lines = [
    `registry=${registry}`,
    'prefer-offline=true',
    ...(trusted === undefined ? [] : [`cafile=${trusted}`]),
  ]
  await writeFile(file, `${lines.join('\n')}\n`)
  return {
    [file]: '/root/.npmrc',
    [cache]: '/root/.npm',
    ...(trusted === undefined ? {} : { [trusted]: trusted }),
  }
}
