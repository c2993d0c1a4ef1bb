import type { RunFolder } from './run-folder.ts'
import { supervisedProgram } from './supervised-program.ts'
import type { SupervisedProgram } from './supervised-program.ts'

export type ControllerManagerOptions = {
  path: string
  run: RunFolder
  logPath: string
  kubeconfigPath: string
}

/** Deletes namespaces, collects garbage and runs Deployments, for the tests that need one of them. Its work begins seconds later. */
export function controllerManager({ kubeconfigPath, ...rest }: ControllerManagerOptions): SupervisedProgram {
  const args = (): string[] => [
    `--kubeconfig=${kubeconfigPath}`,
    '--leader-elect=false',
    // No port: nothing asks it.
    '--secure-port=0',
  ]
  return supervisedProgram({ ...rest, args, isReady: () => Promise.resolve(true) })
}
