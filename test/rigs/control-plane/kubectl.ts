import { join } from 'node:path'
import { commandOf, type Command } from './command.ts'

export type Kubectl = Command

/** kubectl against one API server; its cache is in the run folder: a user's kubeconfig and cache are neither read nor written. */
export function kubectlFor(path: string, kubeconfigPath: string, runFolder: string): Kubectl {
  const env = { KUBECONFIG: kubeconfigPath, KUBECACHEDIR: join(runFolder, 'kubectl-cache') }
  return commandOf({ path, name: 'kubectl', env, runFolder, withinMs: 120_000 })
}
