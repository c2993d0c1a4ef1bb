import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { load } from 'js-yaml'
import { z } from 'zod'
import { VERSION } from '../../src/version.ts'
import { run } from '../../test/image/program.ts'
import { sectionOf } from './changelog.ts'

/** Everything that decides whether a release may be made. */
export interface Preparation {
  /** The version of package.json, which all others must have. */
  readonly version: string
  /** By the place where it stands; undefined: nothing stands there. */
  readonly versions: Readonly<Record<string, string | undefined>>
  readonly changelog: string
  /** Lines of `git status --porcelain`. */
  readonly changedFiles: readonly string[]
  /** Files that tell a reader that there is nothing to install yet. */
  readonly denying: readonly string[]
}

/** Why no release may be made, each with what to do; empty if it may. */
export function refusalsOf(preparation: Preparation): string[] {
  const { version, versions, changedFiles, denying } = preparation
  const others = Object.entries(versions).filter(([, found]) => found !== version)
  return [
    ...others.map(
      ([place, found]) => `${place} has ${found ?? 'no version'}, package.json ${version}: make them equal`,
    ),
    ...changelogRefusals(preparation),
    ...denying.map(
      (path) => `${path} says that nothing is published yet: say where the release is to be had`,
    ),
    ...(changedFiles.length === 0
      ? []
      : [
          `the work tree has ${changedFiles.length} changed files, such as ${changedFiles[0]?.trim()}: commit or remove them`,
        ]),
  ]
}

function changelogRefusals({ version, changelog }: Preparation): string[] {
  const section = sectionOf(changelog, version)
  if (section === undefined)
    return [`CHANGELOG.md has no section: put "## [${version}] - <date>" below Unreleased`]
  if (section.date === undefined)
    return [`CHANGELOG.md has no date in the heading of ${version}: add " - <date>"`]
  if (section.text === '') return [`CHANGELOG.md has an empty section ${version}: say what has changed`]
  return []
}

/** What the pages say while there is no release. */
const DENIAL =
  /\bno (?:image|version|release|chart)\b[^.|]{0,40}\b(?:published|released)\b|\bno release yet\b/iu

const Versioned = z.object({ version: z.string() })
const Lock = Versioned.extend({ packages: z.object({ '': Versioned }) })
const Chart = Versioned.extend({ appVersion: z.string() })

/** Of the folder that this process runs in, which must be the root of the repository. */
export async function readPreparation(tag?: string): Promise<Preparation> {
  const read = (path: string): Promise<string> => readFile(path, 'utf8')
  const { version } = Versioned.parse(JSON.parse(await read('package.json')))
  const lock = Lock.parse(JSON.parse(await read('package-lock.json')))
  const chart = Chart.parse(load(await read('charts/twilio-sink-operator/Chart.yaml')))
  const dockerfile = await read('Dockerfile')
  return {
    version,
    versions: {
      'package-lock.json': lock.version,
      'the root package of package-lock.json': lock.packages[''].version,
      'src/version.ts': VERSION,
      'version of Chart.yaml': chart.version,
      'appVersion of Chart.yaml': chart.appVersion,
      'VERSION of the Dockerfile': /^ARG VERSION=(?<version>\S+)$/mu.exec(dockerfile)?.groups?.['version'],
      ...(tag !== undefined && { [`the tag ${tag}`]: tag.replace(/^v/u, '') }),
    },
    changelog: await read('CHANGELOG.md'),
    changedFiles: (await run('git', 'status', '--porcelain')).split('\n').filter((line) => line !== ''),
    denying: await denyingPages(read),
  }
}

async function denyingPages(read: (path: string) => Promise<string>): Promise<string[]> {
  const pages = globSync(['README.md', 'SECURITY.md', 'docs/*.md', 'charts/**/*.{md,txt,tpl,yaml}'])
  // This page explains how to make a first release.
  const others = pages.filter((path) => path !== 'docs/releasing.md').sort()
  const texts = await Promise.all(others.map(read))
  return others.filter((_, index) => DENIAL.test(texts[index] ?? ''))
}
