import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** The program as an image runs it: it starts in a third of the time that the sources take. `buildBundle` makes it. */
export const BUNDLE = join(ROOT, 'dist/operator.mjs')

export function buildBundle(): void {
  const { status, stderr } = spawnSync(process.execPath, ['tools/build.ts'], { cwd: ROOT, encoding: 'utf8' })
  if (status !== 0) throw new Error(`The bundle cannot be built: ${stderr}`)
}
