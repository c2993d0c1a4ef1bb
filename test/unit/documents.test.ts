import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const lines = async (file: string) => (await readFile(file, 'utf8')).split('\n')

async function pages(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter(({ name }) => name.endsWith('.md'))
    .map(({ parentPath, name }) => join(parentPath, name))
}

describe('the documents', () => {
  it('are short enough to be read', async () => {
    expect((await lines('README.md')).length).toBeLessThanOrEqual(200)
    expect((await lines('CONTRIBUTING.md')).length).toBeLessThanOrEqual(100)
  })

  it('show the two commands that do all the set-up', async () => {
    const readme = await readFile('README.md', 'utf8')
    expect(readme).toContain('npm ci && npm run demo')
    expect(readme).toContain('npm ci && npm test')
  })

  it('name only scripts that exist', async () => {
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as {
      scripts: Record<string, string>
    }
    for (const file of ['README.md', 'CONTRIBUTING.md']) {
      const named = [...(await readFile(file, 'utf8')).matchAll(/npm run (?<script>[a-z:-]+)/gu)]
      expect(
        named.map(({ groups }) => groups?.['script'] ?? '').filter((name) => !(name in scripts)),
      ).toEqual([])
    }
  })

  it('link only to what is there', async () => {
    const files = [
      'README.md',
      'CONTRIBUTING.md',
      'CHANGELOG.md',
      ...(await pages('docs')),
      'test/simulator/README.md',
    ]
    const broken: string[] = []
    for (const file of files) {
      const text = await readFile(file, 'utf8')
      for (const { groups } of text.matchAll(/\]\((?<target>[^)#\s]+)(?:#[^)]*)?\)/gu)) {
        const target = groups?.['target'] ?? ''
        if (/^[a-z]+:/u.test(target)) continue
        if (!existsSync(join(dirname(file), target))) broken.push(`${file}: ${target}`)
      }
    }
    expect(broken).toEqual([])
  })
})
