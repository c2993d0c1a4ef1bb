import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CannotGoOn } from './cannot-go-on.ts'

export interface NewFile {
  readonly name: string
  readonly content: string
  /** Mode 0600. */
  readonly secret: boolean
}

/**
 * Writes all files or, when one is in the way and `force` is not given, none. A file is never seen half written, and a
 * secret one never with another mode. Resolves with the paths. Throws {@link CannotGoOn}.
 */
export async function writeFiles(
  folder: string,
  files: readonly NewFile[],
  force: boolean,
): Promise<string[]> {
  const paths = files.map(({ name }) => join(folder, name))
  if (!force) await refuseExisting(paths)
  try {
    await mkdir(folder, { recursive: true })
    for (const file of files) await writeWhole(join(folder, file.name), file)
    return paths
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new CannotGoOn(`the folder ${folder} cannot be written to (${code})`)
  }
}

async function refuseExisting(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (await exists(path))
      throw new CannotGoOn(`${path} exists: move it away, choose another --output, or give --force`)
  }
}

async function writeWhole(path: string, { content, secret }: NewFile): Promise<void> {
  const part = `${path}.part`
  await rm(part, { force: true })
  const file = await open(part, 'wx', secret ? 0o600 : 0o644)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(part, path)
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
