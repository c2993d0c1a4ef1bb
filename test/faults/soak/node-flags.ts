import { readFileSync } from 'node:fs'

const PACKAGE = new URL('../../../package.json', import.meta.url)

/** What `npm start` gives Node besides the file: the operator is soaked as people run it. */
export function nodeFlags(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { scripts: { start: string } }
  const flags = scripts.start.split(' ').filter((word) => word.startsWith('--'))
  if (flags.length === 0) throw new Error(`package.json: "${scripts.start}" gives Node no flags`)
  return flags
}
