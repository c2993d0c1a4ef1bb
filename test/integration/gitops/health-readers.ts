import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cacheFolder } from '../../rigs/control-plane/binaries.ts'
import { withBuildLock } from '../../rigs/control-plane/build-lock.ts'
import { whyWithoutGo } from '../../rigs/control-plane/optional-program.ts'
import { sayOnStderr, withProgress } from '../../rigs/control-plane/progress.ts'

/** One question to the program in `tools/health-readers`, which reads objects as Argo CD, kstatus and Flux do. */
export type Question =
  | { readonly reader: 'lua'; readonly script: string; readonly object: unknown }
  | { readonly reader: 'kstatus'; readonly object: unknown }
  | { readonly reader: 'cel'; readonly expressions: object; readonly object: unknown }

const SOURCE = fileURLToPath(new URL('../../../tools/health-readers', import.meta.url))
const BUILD = ['build', '-trimpath', '-ldflags', '-s -w']

/** Why the program cannot be had here, which needs Go; undefined when it can, built if it must be. */
export const whyNoHealthReaders: string | undefined = await whyWithoutGo(healthReaders)

/** The answers, in the order of the questions. Rejects when the program cannot answer one. */
export async function ask(questions: readonly Question[]): Promise<unknown[]> {
  const program = spawn(await healthReaders(), { stdio: ['pipe', 'pipe', 'inherit'] })
  program.stdin.end(questions.map((one) => `${JSON.stringify(one)}\n`).join(''))
  const answers = (await text(program.stdout)).split('\n').filter((line) => line !== '')
  return questions.map((question, index) => {
    const answer = JSON.parse(answers[index] ?? '{"error":"no answer"}') as { readonly error?: string }
    if (answer.error !== undefined) throw new Error(`${question.reader}: ${answer.error}`)
    return answer
  })
}

/** Path of the program of just this source: built once on a machine and kept beside the Kubernetes binaries. */
async function healthReaders(): Promise<string> {
  const folder = cacheFolder(process.env)
  const program = join(folder, `health-readers-${sourceDigest()}`)
  if (existsSync(program)) return program
  await mkdir(folder, { recursive: true })
  await withBuildLock(folder, sayOnStderr, async () => {
    if (!existsSync(program)) await build(folder, program)
  })
  return program
}

async function build(folder: string, program: string): Promise<void> {
  const work = join(folder, `health-readers-work.${process.pid}.tmp`)
  const unfinished = `${program}.${process.pid}.tmp`
  await mkdir(work, { recursive: true })
  try {
    const options = { cwd: SOURCE, env: { ...process.env, GOTMPDIR: work, CGO_ENABLED: '0' } }
    await withProgress('go build health-readers', sayOnStderr, () =>
      promisify(execFile)('go', [...BUILD, '-o', unfinished, '.'], options),
    )
    await rename(unfinished, program)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

function sourceDigest(): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(SOURCE).sort()) hash.update(readFileSync(join(SOURCE, name)))
  return hash.digest('hex').slice(0, 12)
}
