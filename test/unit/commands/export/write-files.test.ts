import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CommandError } from '../../../../src/commands/command-options.ts'
import { writeFiles } from '../../../../src/commands/export/write-files.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'write-files-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const FILES = [
  { name: 'a.yaml', content: 'a', secret: false },
  { name: 'b.yaml', content: 'b', secret: true },
]
const BEGINS = '# ours\n'
const atTimes = [{ name: 'b.yaml', begins: BEGINS }]
const KEEP = { force: false, atTimes }
const FORCE = { force: true, atTimes }
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
const modeOf = (path: string): number => statSync(path).mode & 0o777

describe('files of an export', () => {
  test('are all written, a secret one for nobody else to read', async () => {
    const deep = join(folder, 'one', 'two')
    const written = [join(deep, 'a.yaml'), join(deep, 'b.yaml')]
    expect(await writeFiles(deep, FILES, KEEP)).toEqual({ written, removed: [] })
    expect(modeOf(join(deep, 'b.yaml'))).toBe(0o600)
    expect(readdirSync(deep)).toEqual(['a.yaml', 'b.yaml'])
  })

  test('are none of them written when one is there, so that an export is never half old and half new', async () => {
    writeFileSync(join(folder, 'b.yaml'), 'theirs')
    await expect(writeFiles(folder, FILES, KEEP)).rejects.toBeInstanceOf(CommandError)
    expect(readdirSync(folder)).toEqual(['b.yaml'])
    expect(read('b.yaml')).toBe('theirs')
  })

  test('replace what is there when that is wanted, and what others could read they can no longer', async () => {
    writeFileSync(join(folder, 'b.yaml'), 'theirs', { mode: 0o644 })
    writeFileSync(join(folder, 'b.yaml.part'), 'left by a crash', { mode: 0o644 })
    await writeFiles(folder, FILES, FORCE)
    expect(read('b.yaml')).toBe('b')
    expect(modeOf(join(folder, 'b.yaml'))).toBe(0o600)
  })

  test('do not lie beside one of an earlier export that would be applied with them', async () => {
    await writeFiles(
      folder,
      [...FILES.slice(0, 1), { name: 'b.yaml', content: `${BEGINS}old`, secret: true }],
      KEEP,
    )
    const { removed } = await writeFiles(folder, FILES.slice(0, 1), FORCE)
    expect(removed).toEqual([join(folder, 'b.yaml')])
    expect(readdirSync(folder)).toEqual(['a.yaml'])
  })

  test('are not written beside one of an earlier export without being told so', async () => {
    writeFileSync(join(folder, 'b.yaml'), `${BEGINS}old`)
    await expect(writeFiles(folder, FILES.slice(0, 1), KEEP)).rejects.toBeInstanceOf(CommandError)
    expect(readdirSync(folder)).toEqual(['b.yaml'])
  })

  test.each(['theirs', ` ${BEGINS}`, ''])(
    'never take away what a person has put there: %j',
    async (theirs) => {
      writeFileSync(join(folder, 'b.yaml'), theirs)
      writeFileSync(join(folder, 'c.yaml'), BEGINS)
      const { removed } = await writeFiles(folder, FILES.slice(0, 1), FORCE)
      expect(removed).toEqual([])
      expect(readdirSync(folder)).toEqual(['a.yaml', 'b.yaml', 'c.yaml'])
      expect(read('b.yaml')).toBe(theirs)
    },
  )

  test('leave a folder of that name alone', async () => {
    mkdirSync(join(folder, 'b.yaml'))
    await writeFiles(folder, FILES.slice(0, 1), FORCE)
    expect(readdirSync(folder)).toEqual(['a.yaml', 'b.yaml'])
  })

  test('that cannot be written are one line for a person', async () => {
    writeFileSync(join(folder, 'file'), '')
    await expect(writeFiles(join(folder, 'file'), FILES, FORCE)).rejects.toBeInstanceOf(CommandError)
  })
})
