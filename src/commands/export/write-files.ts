import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../command-options.ts'

export interface NewFile {
  readonly name: string
  readonly content: string
  /** Mode 0600. */
  readonly secret: boolean
}

/** A file that is not always written. One that is there is ours when it begins so. */
export interface FileAtTimes {
  readonly name: string
  readonly begins: string
}

/** Paths. */
export interface WrittenFiles {
  readonly written: readonly string[]
  /** Left by an earlier call and not written by this one. */
  readonly removed: readonly string[]
}

/**
 * Writes all files or, when one is in the way and `force` is not given, none. A file is never seen half written, and a
 * secret one never with another mode. What an earlier call has left does not stay beside the new files; what it has not
 * written is never removed. Throws {@link CommandError}.
 */
export async function writeFiles(
  folder: string,
  files: readonly NewFile[],
  { force, atTimes }: { readonly force: boolean; readonly atTimes: readonly FileAtTimes[] },
): Promise<WrittenFiles> {
  const written = files.map(({ name }) => join(folder, name))
  const removed = (await ownFiles(folder, atTimes)).filter((path) => !written.includes(path))
  if (!force) await refuseExisting([...written, ...removed])
  try {
    await mkdir(folder, { recursive: true })
    for (const file of files) await writeWhole(join(folder, file.name), file)
    // Last, so that what fails costs nobody a secret that stands nowhere else.
    for (const path of removed) await rm(path)
    return { written, removed }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new CommandError(`the folder ${folder} cannot be written to (${code})`)
  }
}

async function ownFiles(folder: string, atTimes: readonly FileAtTimes[]): Promise<string[]> {
  const own: string[] = []
  for (const { name, begins } of atTimes) {
    const path = join(folder, name)
    const content = await readFile(path, 'utf8').catch(() => undefined)
    if (content?.startsWith(begins) === true) own.push(path)
  }
  return own
}

async function refuseExisting(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (await exists(path))
      throw new CommandError(`${path} exists: move it away, choose another --output, or give --force`)
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
