import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { changesOf, sectionOf } from '../../../tools/release/changelog.ts'
import { readPreparation, refusalsOf, type Preparation } from '../../../tools/release/preparation.ts'

/** A tag cannot be taken back once somebody has installed it: what is not ready must not get one. */

const CHANGELOG = `# Changelog

## [Unreleased]

## [1.2.0] - 2026-12-24

### Added

- A \`flag\`, see [its page](docs/flag.md).

### Security

- A hole is closed.

## [1.1.0] - 2026-11-11

### Fixed

- A fault.
`

const READY: Preparation = {
  version: '1.2.0',
  versions: { 'src/version.ts': '1.2.0', 'Chart.yaml': '1.2.0', 'the tag v1.2.0': '1.2.0' },
  changelog: CHANGELOG,
  changedFiles: [],
  denying: [],
}

describe('a release', () => {
  test('is not refused when everything is ready', () => {
    expect(refusalsOf(READY)).toEqual([])
  })

  test.each<[string, Partial<Preparation>]>([
    ['a changed file, which would be in the image and in no commit', { changedFiles: [' M src/main.ts'] }],
    ['a version that differs', { versions: { ...READY.versions, 'Chart.yaml': '1.1.0' } }],
    ['a place without a version', { versions: { ...READY.versions, 'Chart.yaml': undefined } }],
    ['a CHANGELOG without a section', { changelog: CHANGELOG.replaceAll('1.2.0', '1.3.0') }],
    ['a section without a date', { changelog: CHANGELOG.replace(' - 2026-12-24', '') }],
    ['an empty section', { changelog: CHANGELOG.replace(/### Added[^]*closed\./u, '') }],
    ['a page that says that there is no release', { denying: ['README.md'] }],
  ])('is refused for %s', (_, flaw) => {
    expect(refusalsOf({ ...READY, ...flaw })).toHaveLength(1)
  })

  test('names every reason at once, so that nobody tries again for each', () => {
    const versions = { 'src/version.ts': '1', 'Chart.yaml': '2' }
    expect(refusalsOf({ ...READY, versions, changedFiles: ['?? a'], changelog: '' })).toHaveLength(4)
  })
})

test('all places of this repository have one version, also while no release is made', async () => {
  const { version, versions, changedFiles } = await readPreparation('v0.0.0')
  const { 'the tag v0.0.0': tag, ...places } = versions
  expect(tag).toBe('0.0.0')
  expect(Object.keys(places)).toHaveLength(6)
  expect(new Set(Object.values(places))).toEqual(new Set([version]))
  expect(changedFiles.filter((line) => line.trim() === '')).toEqual([])
})

test('no page promises an image while CHANGELOG.md has no release, and each that denies one is found', async () => {
  const { version, changelog, denying } = await readPreparation()
  if (sectionOf(changelog, version) !== undefined) expect(denying).toEqual([])
  else expect(denying).toEqual(expect.arrayContaining(['README.md', 'SECURITY.md', 'docs/versioning.md']))
})

describe('the section of a version', () => {
  test('ends where the next one begins', () => {
    expect(sectionOf(CHANGELOG, '1.1.0')).toEqual({ date: '2026-11-11', text: '### Fixed\n\n- A fault.' })
    expect(sectionOf(CHANGELOG, 'Unreleased')).toEqual({ date: undefined, text: '' })
    expect(sectionOf(CHANGELOG, '1')).toBeUndefined()
  })

  test('gives Artifact Hub its changes, each with its kind and as plain text', () => {
    expect(changesOf(sectionOf(CHANGELOG, '1.2.0')?.text ?? '')).toEqual([
      { kind: 'added', description: 'A flag, see its page.' },
      { kind: 'security', description: 'A hole is closed.' },
    ])
  })
})

describe('npm run release', () => {
  const { GITHUB_REF_NAME: _, ...env } = process.env
  const codeOf = async (...args: readonly string[]): Promise<unknown> => {
    const child = spawn(process.execPath, ['tools/release/main.ts', ...args], { env, stdio: 'ignore' })
    return (await once(child, 'exit'))[0]
  }

  test('ends with 1 where a release is refused, so that no step after it runs', async () => {
    expect(await codeOf('--check', '--tag', 'v0.0.0')).toBe(1)
  })

  test('publishes nothing but in the workflow of a tag, and nothing without being told what to do', async () => {
    expect(await Promise.all([codeOf('--publish', '127.0.0.1:1'), codeOf()])).toEqual([2, 2])
  })
})
