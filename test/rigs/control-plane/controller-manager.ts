/** Deletes namespaces, collects garbage and runs Deployments, for the tests that need one of them. Its work begins seconds later. */
export function controllerManagerFlags(kubeconfigPath: string): string[] {
  // No port: nothing asks it.
  return [`--kubeconfig=${kubeconfigPath}`, '--leader-elect=false', '--secure-port=0']
}
