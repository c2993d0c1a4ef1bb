import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** The command that runs an operator; the others of the same bundle are loaded by no cell. */
const OPERATOR = 'src/commands/run.ts'
const AROUND = [
  'crds/*.yaml',
  'test/faults/crash/**/*.ts',
  'test/rigs/*.ts',
  'test/rigs/{proxy,simulator}/**/*.ts',
]

/** Of all that a run depends on: what the operator loads, packages and all, and the world that is put around it. */
export function digestOfSources(root = ROOT): string {
  const hash = createHash('sha256')
  for (const path of sourcesOf(root)) hash.update(path).update(readFileSync(join(root, path)))
  return hash.digest('hex').slice(0, 12)
}

/** Paths below `root`, in order. */
export function sourcesOf(root = ROOT): string[] {
  const around = globSync(AROUND, { cwd: root }).filter((path) => !path.endsWith('.test.ts'))
  return [...new Set([...filesOfOperator(root), ...around])].sort()
}

/** Also those of its packages. */
function filesOfOperator(root: string): string[] {
  const { metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: [OPERATOR],
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    format: 'esm',
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  return Object.keys(metafile.inputs)
}
