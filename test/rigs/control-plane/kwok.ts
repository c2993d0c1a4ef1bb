import { fileURLToPath } from 'node:url'

const STAGES = fileURLToPath(new URL('kwok-stages.yaml', import.meta.url))

/** Keeps Nodes alive and moves Pods along, without running any: `kwok-stages.yaml` says how far. */
export function kwokFlags(kubeconfigPath: string): string[] {
  return [
    `--kubeconfig=${kubeconfigPath}`,
    `--config=${STAGES}`,
    '--manage-all-nodes=true',
    // Seconds. Without a Lease the controller manager gives a Node up after less than a minute.
    '--node-lease-duration-seconds=40',
  ]
}
