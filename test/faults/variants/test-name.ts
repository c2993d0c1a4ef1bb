/** A test as its source names it: of several made from one row each, the title with its place-holders. */
export interface TestName {
  /** From the top of the repository. */
  readonly file: string
  readonly title: string
}

export const isNamed = (file: string, title: string): TestName => ({ file, title })

export const sameTest = (a: TestName, b: TestName): boolean => a.file === b.file && a.title === b.title

/** The project of vitest.config.ts that runs the file. */
export function projectOf({ file }: TestName): 'unit' | 'model' | 'http' | 'cluster' {
  if (file.startsWith('test/unit/')) return 'unit'
  if (file.startsWith('test/model/')) return 'model'
  return /^test\/(?:simulator|contract|proxy)\//u.test(file) ? 'http' : 'cluster'
}

/** What Vitest fills into titles: `%s` and its like, `$name`, `$0`. */
const PLACE_HOLDER = /%[sdifjoO#$%]|\$[\w.]+/gu

/** Matches the title of each test that was made from this one, and the end of its full name. */
export function titlePattern({ title }: TestName): RegExp {
  const parts = title.split(PLACE_HOLDER).map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, '\\$&'))
  return new RegExp(`${parts.join('.*')}$`, 'u')
}
