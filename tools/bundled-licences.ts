import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const PACKAGE_FOLDER = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/u
const LICENCE_FILE = /^(?:un)?licen[cs]e|^copying|^notice/iu

const Package = z.object({ name: z.string(), version: z.string(), license: z.string() })

/** A package of npm whose code is in the bundle. */
export interface BundledPackage extends z.infer<typeof Package> {
  readonly folder: string
}

/** The npm packages that `files` belong to. */
export async function bundledPackages(files: readonly string[]): Promise<BundledPackage[]> {
  const folders = new Set(files.flatMap((file) => PACKAGE_FOLDER.exec(file)?.[0] ?? []))
  return Promise.all(
    [...folders].sort().map(async (folder) => {
      const text = await readFile(join(folder, 'package.json'), 'utf8')
      return { ...Package.parse(JSON.parse(text)), folder }
    }),
  )
}

/**
 * Their licence texts and notices, as their authors ship them: a bundle takes their code along, so these must come along,
 * too. Throws for a package without any.
 */
export async function bundledLicences(packages: readonly BundledPackage[]): Promise<string> {
  return (await Promise.all(packages.map(licenceOf))).join('\n')
}

async function licenceOf({ folder, name, version, license }: BundledPackage): Promise<string> {
  const names = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort()
  if (names.length === 0) {
    throw new Error(`${folder} has no licence file: look up the terms of ${name} before it is shipped`)
  }
  const texts = await Promise.all(names.map((file) => readFile(join(folder, file), 'utf8')))
  const title = `${name} ${version} (${license})`
  return [title, '='.repeat(title.length), ...texts.map((text) => text.trim()), ''].join('\n\n')
}

/**
 * What is in the bundle, in the form of https://cyclonedx.org: a scanner that looks at the image sees one file and would
 * not find these packages. Without time and number, so that the same bundle has the same file.
 */
export function bundleSbom(packages: readonly BundledPackage[]): string {
  const components = packages.map(({ name, version, license }) => {
    const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
    return { type: 'library', 'bom-ref': purl, name, version, purl, licenses: [{ expression: license }] }
  })
  return `${JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components }, null, 2)}\n`
}
