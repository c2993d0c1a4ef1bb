import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { adoptInto } from './run-folder.ts'

export type CommandResult = { stdout: string; stderr: string; code: number }
/** Runs one program again and again. A non-zero exit code is a result, not an error. */
export type Command = (args: readonly string[], stdin?: string) => Promise<CommandResult>

export type CommandOptions = {
  path: string
  name: string
  /** Beside that of this process. */
  env: NodeJS.ProcessEnv
  /** What runs does not outlive this folder. */
  runFolder: string
  withinMs: number
}

export function commandOf({ path, name, env, runFolder, withinMs }: CommandOptions): Command {
  const options = {
    argv0: join(runFolder, name),
    env: { ...process.env, ...env },
    timeout: withinMs,
    killSignal: 'SIGKILL',
  } as const
  return (args, stdin = '') =>
    new Promise((resolve, reject) => {
      const child = spawn(path, args, options)
      if (child.pid !== undefined) adoptInto(runFolder, child.pid)
      let stdout = ''
      let stderr = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
      child.on('error', reject)
      child.on('close', (code) => resolve({ stdout, stderr, code: code ?? -1 }))
      // It may end without reading what it is given.
      child.stdin.on('error', () => undefined)
      child.stdin.end(stdin)
    })
}
