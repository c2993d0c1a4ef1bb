import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { adoptInto } from './run-folder.ts'

export type KubectlResult = { stdout: string; stderr: string; code: number }
/** Runs kubectl against one API server. A non-zero exit code is a result, not an error. */
export type Kubectl = (args: readonly string[], stdin?: string) => Promise<KubectlResult>

const WITHIN_MS = 120_000

/**
 * kubectl that keeps its cache in the run folder, so that a user's kubeconfig and cache are neither read nor
 * written, and that does not outlive this folder.
 */
export function kubectlFor(path: string, kubeconfigPath: string, runFolder: string): Kubectl {
  const env = { ...process.env, KUBECONFIG: kubeconfigPath, KUBECACHEDIR: join(runFolder, 'kubectl-cache') }
  const argv0 = join(runFolder, 'kubectl')
  return (args, stdin = '') =>
    new Promise((resolve, reject) => {
      const kubectl = spawn(path, args, { argv0, env, timeout: WITHIN_MS, killSignal: 'SIGKILL' })
      if (kubectl.pid !== undefined) adoptInto(runFolder, kubectl.pid)
      let stdout = ''
      let stderr = ''
      kubectl.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
      kubectl.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
      kubectl.on('error', reject)
      kubectl.on('close', (code) => resolve({ stdout, stderr, code: code ?? -1 }))
      // kubectl may end without reading what it is given.
      kubectl.stdin.on('error', () => undefined)
      kubectl.stdin.end(stdin)
    })
}
