/** Gives each Pod a Node. */
export function schedulerFlags(kubeconfigPath: string): string[] {
  // No port: nothing asks it.
  return [`--kubeconfig=${kubeconfigPath}`, '--leader-elect=false', '--secure-port=0']
}
