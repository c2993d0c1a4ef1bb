import { stat } from 'node:fs/promises'
import { build } from 'esbuild'

/** One file that an image runs: `node dist/operator.mjs`. CommonJS packages inside it need a `require`. */
const OUTPUT = 'dist/operator.mjs'
const began = performance.now()
await build({
  entryPoints: ['src/main.ts'],
  outfile: OUTPUT,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  sourcemap: 'external',
  legalComments: 'linked',
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
})
const { size } = await stat(OUTPUT)
const seconds = ((performance.now() - began) / 1000).toFixed(1)
process.stdout.write(`${OUTPUT}: ${(size / 1024 / 1024).toFixed(1)} MiB in ${seconds} s\n`)
