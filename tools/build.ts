import { mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { build } from 'esbuild'
import { bundledLicences, bundledPackages, bundleSbom } from './bundled-licences.ts'

/** One file that an image runs: `node dist/operator.mjs`. CommonJS packages inside it need a `require`. */
const OUTPUT = 'dist/operator.mjs'
const LICENCES = 'dist/THIRD_PARTY_LICENSES.txt'
const SBOM = 'dist/operator.cdx.json'
const began = performance.now()
const { metafile, outputFiles } = await build({
  entryPoints: ['src/main.ts'],
  outfile: OUTPUT,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  sourcemap: 'external',
  legalComments: 'eof',
  metafile: true,
  write: false,
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
})
await mkdir('dist', { recursive: true })
for (const { path, contents } of outputFiles) await put(`dist/${basename(path)}`, contents)
// Some are read and then left out as a whole, because nothing of them is used.
const inputs = Object.entries(metafile.outputs[OUTPUT]?.inputs ?? {})
const packages = await bundledPackages(
  inputs.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
)
await put(LICENCES, await bundledLicences(packages))
await put(SBOM, bundleSbom(packages))
const { size } = await stat(OUTPUT)
const seconds = ((performance.now() - began) / 1000).toFixed(1)
process.stdout.write(`${OUTPUT}: ${(size / 1024 / 1024).toFixed(1)} MiB in ${seconds} s\n`)

/** By rename: a process that starts or copies the file meanwhile, or builds at the same time, never meets half of one. */
async function put(path: string, content: string | Uint8Array): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`
  await writeFile(unfinished, content)
  await rename(unfinished, path)
}
