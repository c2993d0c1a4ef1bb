import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { editedText, type TextEdit } from './variant.ts'

/** A copy of the source and its tests, so that no variant ever stands in the folder that people work in. */
export interface Checkout {
  readonly folder: string
  /** Applies the edits, does the work and takes them back. Rejects before the work when an edit does not fit. */
  withEdits<T>(edits: readonly TextEdit[], work: () => Promise<T>): Promise<T>
  remove(): Promise<void>
}

const LEFT_OUT = ['node_modules', '.git', 'dist', 'coverage']

/** @param root the top of the repository; its node_modules are used, not copied */
export async function copyOf(root: string): Promise<Checkout> {
  const folder = await mkdtemp(join(tmpdir(), 'variants-'))
  await cp(root, folder, {
    recursive: true,
    filter: (source) => source === root || !LEFT_OUT.includes(basename(source)),
  })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))

  const edit = async (change: TextEdit): Promise<() => Promise<void>> => {
    const path = join(folder, change.file)
    const before = await readFile(path, 'utf8')
    await writeFile(path, editedText(before, change))
    return () => writeFile(path, before)
  }

  return {
    folder,
    withEdits: async (edits, work) => {
      const undo: (() => Promise<void>)[] = []
      try {
        for (const one of edits) undo.unshift(await edit(one))
        return await work()
      } finally {
        for (const back of undo) await back()
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
