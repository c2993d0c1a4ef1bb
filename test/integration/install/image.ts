import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { BUNDLE } from '../../rigs/control-plane/bundle.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** What an image is to a kubelet: a program with the arguments of its entry point. */
export type PodImage = { readonly command: readonly string[] }

/** Takes the bundle and the entry point from the Dockerfile; `folder` keeps the copy that is run. */
export async function copyImage(folder: string): Promise<PodImage> {
  const bundle = join(folder, 'operator.mjs')
  await copyFile(BUNDLE, bundle)
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
