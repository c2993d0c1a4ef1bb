import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'

/** What stands in the Dockerfile a second time must be as it is where it comes from. */
const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

const DOCKERFILE = read('Dockerfile')
const PACKAGE = z
  .object({
    name: z.string(),
    version: z.string(),
    description: z.string(),
    license: z.string(),
    scripts: z.object({ start: z.string() }),
  })
  .parse(JSON.parse(read('package.json')))

const argument = (name: string): string | undefined =>
  new RegExp(`^ARG ${name}=(\\S+)$`, 'mu').exec(DOCKERFILE)?.[1]

test('the image runs the Node that the tests run', () => {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(read('tools/node24/package.json')))
  expect(argument('NODE_IMAGE')).toMatch(new RegExp(`^docker\\.io/library/node:${version}-trixie-slim@`, 'u'))
})

test('a base image is the one that was looked at, whatever somebody pushes under its tag', () => {
  for (const base of ['NODE_IMAGE', 'BASE_IMAGE'])
    expect(argument(base)).toMatch(/:[\w.-]+@sha256:[0-9a-f]{64}$/u)
})

test('the labels of the image say what package.json says', () => {
  const { name, version, description, license } = PACKAGE
  expect(argument('VERSION')).toBe(version)
  expect(DOCKERFILE).toContain(`org.opencontainers.image.title="${name}"`)
  expect(DOCKERFILE).toContain(`org.opencontainers.image.description="${description}"`)
  expect(DOCKERFILE).toContain(`org.opencontainers.image.licenses="${license}"`)
})

test('the image starts the program as npm start does', () => {
  const entryPoint = z
    .array(z.string())
    .parse(JSON.parse(/^ENTRYPOINT (?<words>\[.*\])$/mu.exec(DOCKERFILE)?.groups?.['words'] ?? 'null'))
  expect(entryPoint.join(' ')).toBe(
    PACKAGE.scripts.start.replace(/^exec /u, '').replace('src/main.ts', '/app/operator.mjs'),
  )
})

test('no signal opens the debugger, which would show every credential to whoever reaches it', async () => {
  const words = PACKAGE.scripts.start.replace(/^exec node /u, '').split(' ')
  const flags = words.slice(0, words.indexOf('src/main.ts'))
  const program = `process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000); console.log('ready')`
  const child = spawn(process.execPath, [...flags, '-e', program])
  let told = ''
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()))
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  child.kill('SIGUSR1')
  // The debugger says at once that it listens.
  await sleep(500)
  child.kill('SIGTERM')
  expect([(await ended)[0], told]).toEqual([0, ''])
})
