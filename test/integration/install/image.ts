import { spawnSync } from 'node:child_process'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { withBuildLock } from '../../control-plane/build-lock.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** What an image is to a kubelet: a program with the arguments of its entry point. */
export type Image = { readonly command: readonly string[] }

/** Builds the bundle and takes the entry point from the Dockerfile; `folder` keeps the copy that is run. */
export async function buildImage(folder: string): Promise<Image> {
  const bundle = join(folder, 'operator.mjs')
  // Others may build at the same time, and a file is not written at once.
  await withBuildLock(
    join(ROOT, 'dist'),
    () => undefined,
    async () => {
      const { status, stderr } = spawnSync(process.execPath, ['tools/build.ts'], {
        cwd: ROOT,
        encoding: 'utf8',
      })
      if (status !== 0) throw new Error(`the bundle cannot be built: ${stderr}`)
      await copyFile(join(ROOT, 'dist/operator.mjs'), bundle)
    },
  )
  const [node, ...entryPoint] = await entryPointOf(join(ROOT, 'Dockerfile'))
  if (node !== 'node') throw new Error('the entry point of the image is not Node')
  const command = entryPoint.map((word) => (word.endsWith('/operator.mjs') ? bundle : word))
  if (!command.includes(bundle)) throw new Error('the entry point of the image does not run the bundle')
  return { command: [process.execPath, ...command] }
}

async function entryPointOf(dockerfile: string): Promise<string[]> {
  const line = /^ENTRYPOINT (?<words>\[.*\])$/mu.exec(await readFile(dockerfile, 'utf8'))?.groups?.['words']
  return z.array(z.string()).parse(JSON.parse(line ?? '[]'))
}
