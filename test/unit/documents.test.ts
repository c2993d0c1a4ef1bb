import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { anchorOf } from '../../tools/markdown-anchor.ts'
import { pinnedHelmVersion, pinnedKubernetesVersion } from '../rigs/control-plane/pinned-versions.ts'

/** People follow these pages word by word, at night: what they name must be there. */

const ROOT = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([found]) => found)
const lineCount = (file: string): number => read(file).trimEnd().split('\n').length

const TOP = globSync('*.md', { cwd: ROOT })
const DOCS = globSync('{docs,integrations}/**/*.md', { cwd: ROOT })
const PAGES = [
  ...TOP,
  ...DOCS,
  ...globSync('{charts,src,test,tools}/**/*.md', { cwd: ROOT, exclude: ['**/node_modules'] }),
]

const README = read('README.md')
const PACKAGE = z
  .object({
    version: z.string(),
    scripts: z.record(z.string(), z.string()),
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(read('package.json')))

const BUILT_IN = ['ci', 'install', 'run']

function scriptsNamedIn(text: string): string[] {
  return [...text.matchAll(/\bnpm (?:run )?(?<script>[a-z][a-z:-]*)/gu)]
    .map(({ groups }) => groups?.['script'] ?? '')
    .filter((name) => !BUILT_IN.includes(name))
}

const withoutBlocks = (page: string): string => read(page).replace(/^```[^]*?^```/gmu, '')

/** Links inside code are no links. */
function linksOf(page: string): string[] {
  const prose = withoutBlocks(page).replace(/`[^`\n]*`/gu, '')
  return [...prose.matchAll(/\]\((?<target>[^)\s]+)\)/gu)]
    .map(({ groups }) => groups?.['target'] ?? '')
    .filter((target) => !/^[a-z]+:/u.test(target))
}

/** The file that a link leads to, from the root. */
function pathOf(page: string, target: string): string {
  const [file = ''] = target.split('#')
  return file === '' ? page : relative(ROOT, join(ROOT, dirname(page), file))
}

const anchorsOf = (page: string): string[] =>
  [...withoutBlocks(page).matchAll(/^#+ (?<heading>.+)$/gmu)].map(({ groups }) =>
    anchorOf(groups?.['heading'] ?? ''),
  )

function leadsNowhere(page: string, target: string): boolean {
  const path = pathOf(page, target)
  const [, anchor] = target.split('#')
  return !existsSync(join(ROOT, path)) || (anchor !== undefined && !anchorsOf(path).includes(anchor))
}

describe('the documents', () => {
  it('are found, so that no rule holds for want of a page', () => {
    expect(TOP).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']))
    expect(DOCS.length).toBeGreaterThan(20)
    expect(PAGES.flatMap(linksOf).length).toBeGreaterThan(50)
  })

  it('are short enough to be read', () => {
    expect(lineCount('README.md')).toBeLessThanOrEqual(130)
    expect(lineCount('CONTRIBUTING.md')).toBeLessThanOrEqual(100)
  })

  it.each(globSync('docs/adr/*.md', { cwd: ROOT }))(
    '%s is a decision of one page, which people read when they wonder why',
    (page) => {
      expect(lineCount(page)).toBeLessThanOrEqual(40)
      const parts = [...read(page).matchAll(/^\*\*(?<part>\w+)\.\*\*/gmu)].map(
        ({ groups }) => groups?.['part'],
      )
      expect(parts).toEqual(['Context', 'Decision', 'Consequences'])
    },
  )

  it('link only to files and headings that are there', () => {
    const broken = PAGES.flatMap((page) =>
      linksOf(page)
        .filter((target) => leadsNowhere(page, target))
        .map((target) => `${page}: ${target}`),
    )
    expect(broken).toEqual([])
  })

  it('are all in the index, since a page that nobody finds helps nobody', () => {
    const listed = linksOf('docs/README.md').map((target) => pathOf('docs/README.md', target))
    const own = DOCS.filter((page) => page !== 'docs/README.md')
    expect(own.filter((page) => !listed.includes(page))).toEqual([])
  })
})

it('each command that sets an annotation can be run a second time, with another value', () => {
  const pages = globSync(['*.md', '{docs,integrations,charts}/**/*.{md,txt,yaml}', 'src/**/*.ts'], {
    cwd: ROOT,
  })
  const lines = pages.flatMap((page) => read(page).split('\n'))
  const commands = lines.filter((line) => /\bannotate (?:crd|sink|twilioaccount)\b[^`]*[\w-]=/u.test(line))
  expect(commands.length).toBeGreaterThan(5)
  expect(commands.filter((line) => !line.includes('--overwrite'))).toEqual([])
})

it('the guide of Argo CD warns of ServerSideDiff, and its example takes the newest commit with each retry', () => {
  const guide = read('integrations/argo-cd/README.md')
  expect(guide).toContain('Do not use `ServerSideDiff=true`')
  const retries = matches(guide, /^ *retry: .*$/gmu)
  expect(retries.length).toBeGreaterThan(0)
  expect(retries.filter((line) => !line.includes('refresh: true'))).toEqual([])
})

describe('the page of the requests', () => {
  it('says beside the annotation what a test event can do to an active sink', () => {
    const [row] = /^\| `events\.twilio\.com\/test-requested-at`.*$/mu.exec(read('docs/using.md')) ?? []
    expect(row).toContain('`validating`')
    expect(row).toMatch(/\]\(#[a-z-]+\)/u)
  })
})

describe('the README', () => {
  it.each(['npm ci && npm run demo', 'npm ci && npm test'])(
    'shows %s, which does all the set-up',
    (command) => {
      expect(README).toContain(command)
    },
  )

  it('says that the project is not affiliated, since the API group is on a domain of Twilio', () => {
    expect(README).toMatch(/not affiliated/iu)
  })

  it('names only files that can be applied', () => {
    const named = [...README.matchAll(/kubectl apply -f (?<file>\S+)/gu)].map(
      ({ groups }) => groups?.['file'] ?? '',
    )
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
  })

  it('names only flags of the operator that exist', () => {
    // Commands in blocks are other programs', and are run: test/integration/install/pages.test.ts.
    const prose = README.replace(/^```sh\n[^]*?^```/gmu, '').replace(
      /`(?:npm run (?:demo|simulator)|kubectl)[^`\n]*`/gu,
      '',
    )
    const named = [...prose.matchAll(/(?<![\w-])--[a-z][a-z-]+/gu)].map(([flag]) => flag)
    expect(named).toContain('--kubeconfig')
    const options = read('docs/options.md')
    expect(named.filter((flag) => flag !== '--help' && !options.includes(`| \`${flag}\` |`))).toEqual([])
  })
})

describe.each(['README.md', 'CONTRIBUTING.md', 'docs/reliability/evidence.md', 'docs/model.md'])(
  '%s',
  (page) => {
    it('names only scripts that exist', () => {
      const named = scriptsNamedIn(read(page))
      expect(named.length).toBeGreaterThan(0)
      expect(named.filter((name) => !(name in PACKAGE.scripts))).toEqual([])
    })
  },
)

describe.each([
  'CONTRIBUTING.md',
  'docs/architecture.md',
  'docs/how-a-sink-is-created.md',
  'docs/glossary.md',
])('%s', (page) => {
  it('names only files that exist, since people open them one after the other', () => {
    const files = matches(read(page), /\b(?:src|test|docs|tools|charts)\/[\w./-]*\w/gu)
    expect(files.length).toBeGreaterThan(5)
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
  })
})

describe.each(['README.md', 'docs/getting-started.md'])('%s', (page) => {
  it('builds the image under the version that the chart asks for', () => {
    const tags = matches(read(page), /(?<=twilio-sink-operator:)[\w.-]*\w/gu)
    expect(new Set(tags)).toEqual(new Set([PACKAGE.version]))
  })
})

describe('the page about versions', () => {
  it('names the versions that the tests run and that the chart takes', () => {
    const text = read('docs/versioning.md')
    expect(text).toContain(`version ${PACKAGE.version}`)
    expect(text).toContain(`| Kubernetes | ${pinnedKubernetesVersion()} |`)
    expect(text).toContain(`| Helm | ${pinnedHelmVersion()} |`)
    const oldest = /kubeVersion: '>=(?<version>\d+\.\d+)\./u.exec(
      read('charts/twilio-sink-operator/Chart.yaml'),
    )
    expect(text).toContain(`| ${oldest?.groups?.['version']} or later`)
  })
})

describe('the decision on dependencies', () => {
  it('justifies each package that is installed and no other', () => {
    const rows = [...read('docs/adr/0012-dependencies.md').matchAll(/^\| (?<names>[@a-z][^|]*) \|/gmu)]
    const justified = rows
      .flatMap(({ groups }) => (groups?.['names'] ?? '').split(', '))
      .filter((name) => name !== 'package')
    const installed = [...Object.keys(PACKAGE.dependencies), ...Object.keys(PACKAGE.devDependencies)]
    expect(justified.sort()).toEqual(installed.sort())
  })
})

describe('the licence', () => {
  it('is the whole text, terms and appendix', () => {
    const licence = read('LICENSE')
    expect(licence).toMatch(/Apache License\s+Version 2\.0, January 2004/u)
    expect(licence).toContain('9. Accepting Warranty or Additional Liability.')
    expect(licence).toContain('APPENDIX')
  })
})
