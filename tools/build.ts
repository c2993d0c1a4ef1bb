import { stat, writeFile } from 'node:fs/promises'
import { build } from 'esbuild'
import { bundledLicences } from './bundled-licences.ts'

/** One file that an image runs: `node dist/operator.mjs`. CommonJS packages inside it need a `require`. */
const OUTPUT = 'dist/operator.mjs'
const LICENCES = 'dist/THIRD_PARTY_LICENSES.txt'
const began = performance.now()
const { metafile } = await build({
  entryPoints: ['src/main.ts'],
  outfile: OUTPUT,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  sourcemap: 'external',
  legalComments: 'eof',
  metafile: true,
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
})
await writeFile(LICENCES, await bundledLicences(Object.keys(metafile.inputs)))
const { size } = await stat(OUTPUT)
const seconds = ((performance.now() - began) / 1000).toFixed(1)
process.stdout.write(`${OUTPUT}: ${(size / 1024 / 1024).toFixed(1)} MiB in ${seconds} s\n`)
