import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CannotGoOn } from '../../../src/commands/cannot-go-on.ts'
import { writeFiles } from '../../../src/commands/write-files.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'write-files-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const FILES = [
  { name: 'a.yaml', content: 'a', secret: false },
  { name: 'b.yaml', content: 'b', secret: true },
]
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
const modeOf = (path: string): number => statSync(path).mode & 0o777

describe('files of an export', () => {
  test('are all written, a secret one for nobody else to read', async () => {
    const deep = join(folder, 'one', 'two')
    expect(await writeFiles(deep, FILES, false)).toEqual([join(deep, 'a.yaml'), join(deep, 'b.yaml')])
    expect(modeOf(join(deep, 'b.yaml'))).toBe(0o600)
    expect(readdirSync(deep)).toEqual(['a.yaml', 'b.yaml'])
  })

  test('are none of them written when one is there, so that an export is never half old and half new', async () => {
    writeFileSync(join(folder, 'b.yaml'), 'theirs')
    await expect(writeFiles(folder, FILES, false)).rejects.toBeInstanceOf(CannotGoOn)
    expect(readdirSync(folder)).toEqual(['b.yaml'])
    expect(read('b.yaml')).toBe('theirs')
  })

  test('replace what is there when that is wanted, and what others could read they can no longer', async () => {
    writeFileSync(join(folder, 'b.yaml'), 'theirs', { mode: 0o644 })
    writeFileSync(join(folder, 'b.yaml.part'), 'left by a crash', { mode: 0o644 })
    await writeFiles(folder, FILES, true)
    expect(read('b.yaml')).toBe('b')
    expect(modeOf(join(folder, 'b.yaml'))).toBe(0o600)
  })

  test('that cannot be written are one line for a person', async () => {
    writeFileSync(join(folder, 'file'), '')
    await expect(writeFiles(join(folder, 'file'), FILES, true)).rejects.toBeInstanceOf(CannotGoOn)
  })
})
