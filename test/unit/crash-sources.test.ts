import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { digestOfSources } from '../faults/crash/sources.ts'

const FILES = {
  'src/commands/run.ts': "import { run } from '../operator.ts'\nrun()\n",
  'src/commands/export.ts': "import { decide } from '../decide.ts'\ndecide()\n",
  'src/main.ts': "await import('./commands/run.ts')\nawait import('./commands/export.ts')\n",
  'src/operator.ts':
    "import type { Shape } from './shape.ts'\nimport { decide } from './decide.ts'\n" +
    "import { send } from 'sender'\nexport const run = (): Shape => send(decide())\n",
  'src/decide.ts': 'export const decide = () => 1\n',
  'src/shape.ts': 'export type Shape = object\n',
  'node_modules/sender/index.js': 'exports.send = () => undefined\n',
  'node_modules/other/index.js': 'exports.other = 1\n',
  'crds/sinks.yaml': 'kind: CustomResourceDefinition\n',
  'test/faults/crash/fault.ts': 'export const FAULT = 1\n',
  'test/faults/crash/sample.test.ts': 'export {}\n',
  'test/unit/decide.test.ts': 'export {}\n',
  'package-lock.json': '{}\n',
}

describe('the digest of what the matrix ran with', () => {
  let root: string
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const changesWith = (path: string): boolean => {
    const before = digestOfSources(root)
    write(path, `${readFileSync(join(root, path), 'utf8')}\n`)
    return digestOfSources(root) !== before
  }

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'twilio-sink-operator-sources-'))
    for (const [path, text] of Object.entries(FILES)) write(path, text)
  })
  afterEach(() => rmSync(root, { recursive: true }))

  test.each([
    'src/commands/run.ts',
    'src/operator.ts',
    'src/decide.ts',
    'node_modules/sender/index.js',
    'crds/sinks.yaml',
    'test/faults/crash/fault.ts',
  ])('changes with %s', (path) => expect(changesWith(path)).toBe(true))

  test.each([
    'src/main.ts',
    'src/commands/export.ts',
    'src/shape.ts',
    'node_modules/other/index.js',
    'test/faults/crash/sample.test.ts',
    'test/unit/decide.test.ts',
    'package-lock.json',
  ])('stays the same with %s', (path) => expect(changesWith(path)).toBe(false))
})
