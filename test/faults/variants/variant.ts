import type { TestName } from './test-name.ts'

/** The product made wrong in one place, and the test that must notice. */
export interface Variant {
  /** What is wrong, in the words of a person who might write it so. */
  readonly name: string
  /** Rows of docs/failure-scenarios.md that it breaks. */
  readonly breaks: readonly string[]
  readonly edits: readonly TextEdit[]
  /** One of the tests that the page names for each of those rows. */
  readonly noticedBy: TestName
}

/** `find` must be in the file exactly once: a variant that no longer fits the source must be seen, not skipped. */
export interface TextEdit {
  /** From the top of the repository. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** Throws when the text does not hold `find` exactly once, or would stay as it is. */
export function editedText(text: string, { file, find, replace }: TextEdit): string {
  const [before, after, ...more] = text.split(find)
  if (before === undefined || after === undefined || more.length > 0) {
    const count = text.split(find).length - 1
    throw new Error(`${file} holds the text of this variant ${count} times, not once: ${find}`)
  }
  if (find === replace) throw new Error(`${file} would stay as it is: ${find}`)
  return `${before}${replace}${after}`
}
