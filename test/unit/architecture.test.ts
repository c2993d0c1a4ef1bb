import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { factsOf, type Import, type SourceFacts } from './source-facts.ts'

/**
 * What a linter cannot know: which layer sees which, who touches time, randomness and environment, and that folders,
 * files and functions stay small. Each list of exceptions fails, too, when an exception is no longer needed.
 */
const ROOT = new URL('../../', import.meta.url)
const sourcesIn = (folder: string): readonly SourceFacts[] =>
  globSync(`${folder}/**/*.ts`, { cwd: ROOT })
    .sort()
    .map((path) => factsOf(path, readFileSync(new URL(path, ROOT), 'utf8')))
const SOURCES = sourcesIn('src')

interface Layer {
  readonly name: string
  /** How the paths of its files begin; a longer beginning wins. Without it: the folder of its name. */
  readonly paths?: readonly string[]
  /** Layers below it, of which it may import. */
  readonly sees: readonly string[]
  /** Layers below it of which it may import types, which leave nothing at run time. */
  readonly seesTypesOf?: readonly string[]
  readonly packages: readonly string[]
}

/** Builtins that compute and neither read nor write anything. */
const PURE_BUILTINS = ['node:crypto', 'node:util']

/** From the bottom to the top (docs/adr/0025-folders.md). */
const LAYERS: readonly Layer[] = [
  { name: 'version', paths: ['src/version.ts'], sees: [], packages: [] },
  { name: 'api', sees: [], packages: ['zod', 'js-yaml', ...PURE_BUILTINS] },
  { name: 'time', sees: [], packages: ['node:timers/promises'] },
  { name: 'network', sees: [], packages: ['undici', 'node:*'] },
  { name: 'controller', sees: ['time'], packages: [...PURE_BUILTINS, 'node:async_hooks'] },
  { name: 'leader-election', sees: ['time'], packages: PURE_BUILTINS },
  { name: 'external', sees: ['api'], packages: PURE_BUILTINS },
  { name: 'account', sees: ['api', 'external'], packages: PURE_BUILTINS },
  { name: 'sink', sees: ['api', 'external'], seesTypesOf: ['time', 'controller'], packages: PURE_BUILTINS },
  { name: 'sink/report', sees: ['api', 'external', 'sink'], packages: PURE_BUILTINS },
  {
    name: 'reconciler/ports',
    paths: ['src/reconciler/ports.ts', 'src/reconciler/metadata-patch.ts'],
    sees: ['api', 'external'],
    seesTypesOf: ['time'],
    packages: [],
  },
  {
    name: 'reconciler/memory',
    paths: ['src/reconciler/memory/', 'src/reconciler/context.ts'],
    sees: ['api', 'external', 'sink', 'sink/report', 'account', 'reconciler/ports'],
    seesTypesOf: ['time'],
    packages: PURE_BUILTINS,
  },
  {
    name: 'reconciler/observe',
    sees: ['api', 'time', 'external', 'sink', 'account', 'reconciler/ports', 'reconciler/memory'],
    packages: PURE_BUILTINS,
  },
  {
    name: 'reconciler/effects',
    sees: [
      'api',
      'time',
      'external',
      'sink',
      'sink/report',
      'account',
      'reconciler/ports',
      'reconciler/memory',
      'reconciler/observe',
    ],
    packages: PURE_BUILTINS,
  },
  {
    name: 'reconciler/account',
    sees: [
      'api',
      'time',
      'external',
      'sink',
      'account',
      'reconciler/ports',
      'reconciler/memory',
      'reconciler/observe',
    ],
    packages: PURE_BUILTINS,
  },
  {
    name: 'reconciler',
    sees: [
      'api',
      'sink',
      'sink/report',
      'reconciler/ports',
      'reconciler/memory',
      'reconciler/observe',
      'reconciler/effects',
      'reconciler/account',
    ],
    seesTypesOf: ['controller'],
    packages: PURE_BUILTINS,
  },
  {
    name: 'kubernetes/client',
    sees: ['api', 'time', 'network', 'reconciler/ports'],
    packages: ['@kubernetes/client-node', 'undici', 'js-yaml', 'node:*'],
  },
  {
    name: 'kubernetes/cache',
    sees: ['api', 'time', 'reconciler/ports', 'kubernetes/client'],
    packages: PURE_BUILTINS,
  },
  {
    name: 'kubernetes/events',
    sees: ['time', 'reconciler/ports', 'kubernetes/client'],
    packages: PURE_BUILTINS,
  },
  {
    name: 'kubernetes',
    sees: ['api', 'time', 'reconciler/ports', 'kubernetes/client', 'kubernetes/cache', 'kubernetes/events'],
    seesTypesOf: ['leader-election'],
    packages: PURE_BUILTINS,
  },
  { name: 'twilio/http', sees: ['time', 'network'], packages: ['undici', 'node:*'] },
  {
    name: 'twilio',
    sees: ['api', 'time', 'network', 'external', 'reconciler/ports', 'twilio/http'],
    packages: ['undici', 'zod', 'node:*'],
  },
  {
    name: 'options',
    sees: ['twilio/http'],
    packages: ['zod', 'node:*'],
  },
  {
    name: 'observability',
    sees: ['api'],
    seesTypesOf: ['controller', 'sink/report', 'kubernetes/client', 'kubernetes/cache', 'twilio'],
    packages: ['pino', 'prom-client', 'node:*'],
  },
  {
    name: 'operator',
    sees: [
      'api',
      'time',
      'controller',
      'network',
      'leader-election',
      'external',
      'reconciler/ports',
      'reconciler/memory',
      'reconciler/observe',
      'reconciler',
      'kubernetes/cache',
      'kubernetes',
      'twilio',
      'options',
      'observability',
    ],
    packages: ['node:*'],
  },
  {
    name: 'commands/export/objects',
    sees: ['api', 'external'],
    packages: ['js-yaml', ...PURE_BUILTINS],
  },
  {
    name: 'commands/options',
    paths: ['src/commands/command-options.ts', 'src/commands/environment-credential.ts'],
    sees: ['api', 'account', 'network', 'reconciler/ports', 'options'],
    packages: ['zod', 'node:*'],
  },
  {
    name: 'commands/export',
    sees: [
      'version',
      'time',
      'network',
      'external',
      'reconciler/ports',
      'kubernetes/client',
      'kubernetes',
      'twilio',
      'options',
      'commands/export/objects',
      'commands/options',
    ],
    packages: ['zod', 'node:*'],
  },
  {
    name: 'commands/release/plan',
    paths: ['src/commands/release/plan.ts', 'src/commands/release/row.ts'],
    sees: ['api', 'external'],
    packages: PURE_BUILTINS,
  },
  {
    name: 'commands/release',
    sees: [
      'version',
      'api',
      'time',
      'external',
      'account',
      'network',
      'reconciler/ports',
      'reconciler/effects',
      'kubernetes/client',
      'kubernetes',
      'twilio',
      'options',
      'commands/release/plan',
      'commands/options',
    ],
    packages: ['zod', 'node:*'],
  },
  {
    name: 'commands',
    sees: [
      'version',
      'options',
      'observability',
      'operator',
      'commands/options',
      'commands/export',
      'commands/release',
    ],
    packages: ['node:*'],
  },
  { name: 'main', paths: ['src/main.ts'], sees: ['commands', 'observability'], packages: ['node:*'] },
]

/** Layers that put the others together: they hand in the real clocks, random numbers and the environment. */
const COMPOSITION = [
  'operator',
  'commands/options',
  'commands/export',
  'commands/release',
  'commands',
  'main',
]

const PLACES = LAYERS.flatMap(({ name, paths = [`src/${name}/`] }) =>
  paths.map((path) => ({ name, path })),
).sort((a, b) => b.path.length - a.path.length)

function layerOf(path: string): Layer {
  const place = PLACES.find((one) => path.startsWith(one.path))
  const layer = LAYERS.find(({ name }) => name === place?.name)
  if (layer === undefined) throw new Error(`${path} is in no layer: give its folder a row`)
  return layer
}

function mayImport(path: string, { target, isPackage, onlyTypes }: Import): boolean {
  const { name, sees, seesTypesOf = [], packages } = layerOf(path)
  if (isPackage)
    return packages.includes(target) || (target.startsWith('node:') && packages.includes('node:*'))
  const to = layerOf(target).name
  return to === name || sees.includes(to) || (onlyTypes && seesTypesOf.includes(to))
}

function forbidden({ path, imports }: SourceFacts): string[] {
  return imports.filter((found) => !mayImport(path, found)).map(({ target }) => `${path} imports ${target}`)
}

/** Where time, randomness and environment come from, besides the composition. */
const SOURCES_OF_CHANCE: Readonly<
  Record<string, { readonly reads: readonly string[]; readonly why: string }>
> = {
  'src/kubernetes/client/kubeconfig-files.ts': {
    reads: ['homedir'],
    why: 'looks for ~/.kube/config, as kubectl does',
  },
  'src/time/clock.ts': {
    reads: ['Date.now', 'performance.now', 'setTimeout'],
    why: 'is the clock that all others are handed, and waits between real calls',
  },
}

const LONGEST_FILE = 220
const LONGER: Readonly<Record<string, string>> = {
  'src/reconciler/ports.ts': 'the duties of all ports, read as one page',
}

const SHORTEST_FILE = 16
const SHORTER: Readonly<Record<string, string>> = {
  'src/version.ts': 'the one line that a release changes',
}

/** Files of a folder, those of its folders not counted. */
const MOST_FILES = 16

const LONGEST_FUNCTION = 40
/** Functions that are longer, with their lines. This list only shrinks: what is added to one of them is parted from it. */
const LONGER_FUNCTIONS: Readonly<Record<string, number>> = {}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

/** How many files each folder holds itself. */
function filesByFolder(sources: readonly SourceFacts[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { path } of sources) counts.set(folderOf(path), (counts.get(folderOf(path)) ?? 0) + 1)
  return counts
}

function namesOfSeveralFiles(sources: readonly SourceFacts[]): string[] {
  const pathsOf = new Map<string, string[]>()
  for (const { path, exports } of sources)
    for (const name of exports) pathsOf.set(name, [...(pathsOf.get(name) ?? []), path])
  return [...pathsOf]
    .filter(([, paths]) => paths.length > 1)
    .map(([name]) => name)
    .sort()
}

/** Follows imports, types included, and returns the first path that comes back to where it began. */
function cycleFrom(start: string, importsOf: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const seen = new Set<string>()
  const paths: string[][] = [[start]]
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    for (const next of importsOf.get(path.at(-1) ?? '') ?? []) {
      if (next === start) return [...path, next]
      if (seen.has(next)) continue
      seen.add(next)
      paths.push([...path, next])
    }
  }
  return undefined
}

function cycles(sources: readonly SourceFacts[]): string[][] {
  const importsOf = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.filter(({ isPackage }) => !isPackage).map(({ target }) => target),
    ]),
  )
  return sources.flatMap(({ path }) => {
    const cycle = cycleFrom(path, importsOf)
    return cycle === undefined ? [] : [cycle]
  })
}

/** The folder of `src` that a file is in, at whatever depth. */
const topFolderOf = (path: string): string | undefined => path.split('/')[1]

/** Files that bring in something of both `src/kubernetes` and `src/twilio`; types, which hooks are made of, do not count. */
function seeingBothWorlds(sources: readonly SourceFacts[]): string[] {
  const sees = ({ imports }: SourceFacts, world: string): boolean =>
    imports.some(
      ({ target, isPackage, onlyTypes }) => !isPackage && !onlyTypes && topFolderOf(target) === world,
    )
  return sources
    .filter((source) => sees(source, 'kubernetes') && sees(source, 'twilio'))
    .map(({ path }) => path)
}

/** All files that are read when `start` is, without those that only give types. */
function reachedFrom(start: string, sources: readonly SourceFacts[]): ReadonlySet<string> {
  const reached = new Set([start])
  for (const path of reached) {
    const imports = sources.find((source) => source.path === path)?.imports ?? []
    for (const { target, isPackage, onlyTypes } of imports) if (!isPackage && !onlyTypes) reached.add(target)
  }
  return reached
}

describe('layers', () => {
  test('stand on those before them in the list', () => {
    const above = LAYERS.flatMap(({ name, sees, seesTypesOf = [] }, floor) =>
      [...sees, ...seesTypesOf]
        .filter((other) => !LAYERS.slice(0, floor).some((below) => below.name === other))
        .map((other) => `${name} sees ${other}`),
    )
    const why = 'An import that runs upwards ties what it leads to to everything above it'
    expect(above, why).toEqual([])
  })

  test('see no more than they use', () => {
    const used = new Set(
      SOURCES.flatMap(({ path, imports }) =>
        imports
          .filter(({ isPackage }) => !isPackage)
          .map(({ target }) => `${layerOf(path).name} sees ${layerOf(target).name}`),
      ),
    )
    const listed = LAYERS.flatMap(({ name, sees, seesTypesOf = [] }) =>
      [...sees, ...seesTypesOf].map((other) => `${name} sees ${other}`),
    )
    const why =
      'What may be imported and is not would let the next import pass unseen: take it out of the list'
    expect(
      listed.filter((line) => !used.has(line)),
      why,
    ).toEqual([])
  })

  test('import only from below, and only the packages of their own', () => {
    const why =
      'What decides must be testable without what talks: move the code to the layer that may know both, or hand it in through a port'
    expect(SOURCES.flatMap(forbidden), why).toEqual([])
  })

  test('have no import cycle, types included', () => {
    const why = 'Files of a cycle can only be understood together: put what both need into a file of its own'
    expect(cycles(SOURCES), why).toEqual([])
  })

  test('one file of each program sees both Kubernetes and Twilio', () => {
    const why = 'One place puts both outside worlds together, so that each can be replaced alone'
    expect(seeingBothWorlds(SOURCES), why).toEqual([
      'src/commands/release/release.ts',
      'src/operator/operator.ts',
    ])
  })

  test('the operator reads nothing of the commands beside it', () => {
    const reached = [...reachedFrom('src/operator/operator.ts', SOURCES)]
    const why =
      'It runs for months: what people need once must neither cost it memory nor change what it does'
    expect(
      reached.filter((path) => path.startsWith('src/commands/')),
      why,
    ).toEqual([])
    expect(reached).toContain('src/external/ownership-mark.ts')
  })

  test('only src/kubernetes/client holds client-node', () => {
    const users = SOURCES.filter(({ imports }) =>
      imports.some(({ target }) => target.startsWith('@kubernetes/')),
    )
    const why = 'Its weight and habits must not spread: ask src/kubernetes/client instead'
    expect(new Set(users.map(({ path }) => layerOf(path).name)), why).toEqual(new Set(['kubernetes/client']))
  })

  test('every import leads to a file', () => {
    const paths = new Set(SOURCES.map(({ path }) => path))
    const local = SOURCES.flatMap(({ imports }) => imports.filter(({ isPackage }) => !isPackage))
    const why = 'An import that these checks cannot follow would escape them'
    expect(
      local.map(({ target }) => target).filter((target) => !paths.has(target)),
      why,
    ).toEqual([])
  })
})

describe('time, randomness and environment', () => {
  test('are read only where the list says, and everywhere that it says', () => {
    const found = SOURCES.filter(
      ({ path, reads }) => !COMPOSITION.includes(layerOf(path).name) && reads.length > 0,
    )
    const listed = Object.entries(SOURCES_OF_CHANCE).map(([path, { reads }]) => ({ path, reads }))
    const why =
      'A test cannot turn a clock, a die or an environment that is read in passing: take it as an argument, or give a reason in the list'
    expect(
      found.map(({ path, reads }) => ({ path, reads })),
      why,
    ).toEqual(listed)
  })
})

describe('files', () => {
  test(`have at most ${LONGEST_FILE} lines`, () => {
    const long = SOURCES.filter(({ lines }) => lines > LONGEST_FILE)
    const why = 'A file that does not fit on a few screens knows more than one thing: part it'
    expect(
      long.map(({ path }) => path),
      why,
    ).toEqual(Object.keys(LONGER))
  })

  test(`have at least ${SHORTEST_FILE} lines`, () => {
    const short = SOURCES.filter(({ lines }) => lines < SHORTEST_FILE)
    const why =
      'A file of a few lines is opened with its user: fold it into that, or give a reason in the list'
    expect(
      short.map(({ path }) => path),
      why,
    ).toEqual(Object.keys(SHORTER))
  })

  test('lie in folders, but for the program and its version', () => {
    const loose = SOURCES.filter(({ path }) => folderOf(path) === 'src').map(({ path }) => path)
    const why = 'A file in no folder belongs to no layer that says what it may know'
    expect(loose, why).toEqual(['src/main.ts', 'src/version.ts'])
  })

  test(`are at most ${MOST_FILES} to a folder`, () => {
    const full = [...filesByFolder(SOURCES)].filter(([, files]) => files > MOST_FILES)
    const why = 'A folder of many files has more than one subject: part it by what its files know'
    expect(Object.fromEntries(full), why).toEqual({})
  })

  test('have neither default exports nor only the exports of others', () => {
    const wrong = SOURCES.filter(({ hasDefaultExport, isBarrel }) => hasDefaultExport || isBarrel)
    const why = 'A thing has one name and one place to import it from'
    expect(
      wrong.map(({ path }) => path),
      why,
    ).toEqual([])
  })

  test('export each name from one file alone', () => {
    const why = 'One name, one meaning: else a reader must look at the import to know what a word says'
    expect(namesOfSeveralFiles(SOURCES), why).toEqual([])
    // vitest calls the set-up of a project so.
    expect(namesOfSeveralFiles(sourcesIn('test')), why).toEqual(['setup'])
  })

  test('are named in kebab-case after what they know', () => {
    const names = SOURCES.map(({ path }) => path.split('/').at(-1) ?? '')
    const why = 'A name says what the file knows, and is the same on file systems that ignore case'
    expect(
      names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/u.test(name)),
      why,
    ).toEqual([])
    expect(
      names.filter((name) => /^(index|utils?|helpers?|common|misc)\.ts$/u.test(name)),
      why,
    ).toEqual([])
  })
})

describe('functions', () => {
  test(`have at most ${LONGEST_FUNCTION} lines`, () => {
    const long = SOURCES.flatMap(({ path, functions }) =>
      functions
        .filter(({ lines }) => lines > LONGEST_FUNCTION)
        .map(({ name, lines }) => [`${path} ${name}`, lines] as const),
    )
    const why = 'A function that does not fit on a screen does more than one thing: part it'
    expect(Object.fromEntries(long), why).toEqual(LONGER_FUNCTIONS)
  })
})

describe('these checks see what they are for', () => {
  const readsIn = (text: string): readonly string[] => factsOf('src/sink/x.ts', text).reads

  test.each([
    ['src/sink/x.ts', "import { a } from '../account/a.ts'"],
    ['src/sink/x.ts', "import { a } from './report/a.ts'"],
    ['src/sink/x.ts', "import type { A } from '../reconciler/ports.ts'"],
    ['src/twilio/x.ts', "import { a } from '../kubernetes/a.ts'"],
    ['src/controller/x.ts', "import type { A } from '../api/a.ts'"],
    ['src/reconciler/x.ts', "export * from '../twilio/a.ts'"],
    ['src/api/x.ts', "const a = await import('../sink/a.ts')"],
    ['src/api/x.ts', 'const a = await import(name)'],
    ['src/sink/x.ts', "import { z } from 'zod'"],
    ['src/sink/x.ts', "import 'node:fs'"],
    ['src/observability/metrics.ts', "import { type A, b } from '../sink/report/a.ts'"],
    ['src/observability/logger.ts', "import { b } from '../operator/operator.ts'"],
  ])('%s: %s', (path, text) => {
    expect(forbidden(factsOf(path, text))).toHaveLength(1)
  })

  test.each([
    ["import { a } from './kubernetes/a.ts'\nimport { b } from './twilio/b.ts'", ['src/x.ts']],
    ["import { a } from './kubernetes/a.ts'\nimport type { B } from './twilio/b.ts'", []],
  ])('%s: both worlds are seen by %j', (text, seeing) => {
    expect(seeingBothWorlds([factsOf('src/x.ts', text)])).toEqual(seeing)
  })

  test('types of the hooks may be imported where they are counted', () => {
    expect(
      forbidden(factsOf('src/observability/metrics.ts', "import { type A } from '../sink/report/a.ts'")),
    ).toEqual([])
  })

  test.each([
    ['const a = Date.now()', 'Date.now'],
    ['const a = new Date()', 'new Date()'],
    ['const a = performance.now()', 'performance.now'],
    ['const a = [1].map(Math.random)', 'Math.random'],
    ["const a = process.env['A']", 'process'],
    ['setTimeout(a, 1)', 'setTimeout'],
    ["import { setTimeout as wait } from 'node:timers/promises'", 'setTimeout'],
    ["import { randomUUID } from 'node:crypto'", 'randomUUID'],
  ])('%s is seen', (text, read) => {
    expect(readsIn(text)).toEqual([read])
  })

  test.each([
    'new Date(ms)',
    'clock.now()',
    'timers.setTimeout(a)',
    'const a = { process: 1 }',
    "'Date.now'",
  ])('%s is nothing', (text) => {
    expect(readsIn(text)).toEqual([])
  })

  test('a cycle of types is one, too', () => {
    const a = factsOf('src/sink/a.ts', "import type { B } from './b.ts'")
    const b = factsOf('src/sink/b.ts', "import { type A } from './a.ts'")
    expect(cycles([a, b])).toHaveLength(2)
  })

  test.each([
    ['export const Call = 1', 'export interface Call {}', ['Call']],
    ['export class Call {}', 'export function call() {}', []],
    ['export const Call = 1\nexport type Call = 1', 'const Call = 2', []],
  ])('%j and %j share %j', (a, b, names) => {
    expect(namesOfSeveralFiles([factsOf('src/a.ts', a), factsOf('src/b.ts', b)])).toEqual(names)
  })

  test.each(["export * from './a.ts'", "import { a } from './a.ts'\nexport { a }"])(
    '%s is a barrel',
    (text) => {
      expect(factsOf('src/sink/x.ts', text).isBarrel).toBe(true)
    },
  )

  test.each([
    ['function a() {\n}', [{ name: 'a', lines: 2 }]],
    ['const a = () => {\n\n}', [{ name: 'a', lines: 3 }]],
    ['class A {\n  a() {\n  }\n}', [{ name: 'a', lines: 2 }]],
    ['const a = { b: function () {} }', [{ name: 'b', lines: 1 }]],
    ['declare function a(): void', []],
  ])('%j has the functions %j', (text, functions) => {
    expect(factsOf('src/sink/x.ts', text).functions).toEqual(functions)
  })

  test('files of one folder are counted without those of its folders', () => {
    const files = ['src/sink/a.ts', 'src/sink/b.ts', 'src/sink/deep/c.ts'].map((path) => factsOf(path, ''))
    expect(Object.fromEntries(filesByFolder(files))).toEqual({ 'src/sink': 2, 'src/sink/deep': 1 })
  })

  test.each(['export default 1', 'export default function a() {}'])('%s is a default export', (text) => {
    expect(factsOf('src/sink/x.ts', text).hasDefaultExport).toBe(true)
  })
})
