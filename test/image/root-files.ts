import { lstat, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'

export interface RootFile {
  /** Permissions, octal. */
  readonly mode: string
  readonly owner: number
  /** Bytes. */
  readonly size: number
}

/** All files and links below a folder, by their path in it. */
export async function filesBelow(root: string): Promise<ReadonlyMap<string, RootFile>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name))
  const files = await Promise.all(
    paths.map(async (path): Promise<[string, RootFile]> => {
      const { mode, uid, size } = await lstat(path)
      return [`/${relative(root, path)}`, { mode: (mode & 0o7777).toString(8), owner: uid, size }]
    }),
  )
  return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)))
}
