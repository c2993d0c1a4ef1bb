import { spawn } from 'node:child_process'

/** Everything that needs neither network nor cluster; the checks run side by side. */
const CHECKS: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  { name: 'unit', command: ['vitest', 'run', '--project', 'unit'] },
  { name: 'lint', command: ['eslint', '--cache', '--cache-location', 'node_modules/.cache/eslint/', '.'] },
  { name: 'types', command: ['tsc'] },
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'generated', command: ['node', 'tools/generate.ts', '--check'] },
]

interface Checked {
  readonly name: string
  readonly passed: boolean
  readonly seconds: string
  readonly output: string
}

function check({ name, command }: (typeof CHECKS)[number]): Promise<Checked> {
  const began = performance.now()
  const [program = '', ...args] = command
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks: Buffer[] = []
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    const end = (passed: boolean, problem = ''): void => {
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      process.stdout.write(`${passed ? 'ok    ' : 'FAILED'} ${name.padEnd(10)} ${seconds.padStart(5)} s\n`)
      resolve({ name, passed, seconds, output: Buffer.concat(chunks).toString() + problem })
    }
    child.on('error', (error) => {
      end(false, error.message)
    })
    child.on('close', (code) => {
      end(code === 0)
    })
  })
}

const checked = await Promise.all(CHECKS.map(check))
for (const { name, output } of checked.filter(({ passed }) => !passed)) {
  process.stdout.write(`\n== ${name}\n${output}\n`)
}
const unit = checked.find(({ name }) => name === 'unit')
process.stdout.write(`\n${unit?.output.trimEnd().split('\n').slice(-6).join('\n') ?? ''}\n`)
process.exitCode = checked.every(({ passed }) => passed) ? 0 : 1
