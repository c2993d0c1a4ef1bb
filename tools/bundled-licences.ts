import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

const PACKAGE_FOLDER = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/u
const LICENCE_FILE = /^(?:un)?licen[cs]e|^copying|^notice/iu

/**
 * The licence texts and notices of the npm packages that `files` belong to, as their authors ship them: a bundle takes
 * their code along, so these must come along, too. Throws for a package without any.
 */
export async function bundledLicences(files: readonly string[]): Promise<string> {
  const folders = new Set(files.flatMap((file) => PACKAGE_FOLDER.exec(file)?.[0] ?? []))
  const texts = await Promise.all([...folders].sort().map(licenceOf))
  return texts.join('\n')
}

async function licenceOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string
    readonly version: string
    readonly license: string
  }
  const names = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort()
  if (names.length === 0) {
    throw new Error(`${folder} has no licence file: look up the terms of ${name} before it is shipped`)
  }
  const texts = await Promise.all(names.map((file) => readFile(join(folder, file), 'utf8')))
  const title = `${name} ${version} (${license})`
  return [title, '='.repeat(title.length), ...texts.map((text) => text.trim()), ''].join('\n\n')
}
