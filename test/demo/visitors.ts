import { dirname } from 'node:path'
import { DEMO_NAMESPACE } from './kubectl.ts'
import type { Addresses } from './stage.ts'

/** What people can do while the demo stays up. */
export function invitation({ controlPlane, simulatorUrl, metricsUrl }: Addresses): string {
  const { kubeconfigPath, kubectlPath, folder } = controlPlane
  return `
Everything keeps running until Ctrl-C, and changes are still printed here. Try this in another terminal:

  export KUBECONFIG=${kubeconfigPath}
  export PATH=${dirname(kubectlPath)}:$PATH

  kubectl get sinks -A -o wide
  kubectl -n ${DEMO_NAMESPACE} describe sink orders
  kubectl -n ${DEMO_NAMESPACE} edit sink orders             # try another description, then another destination
  kubectl -n ${DEMO_NAMESPACE} delete sink marketing        # the operator deletes the sink at Twilio, too
  kubectl apply -f docs/samples/segment.yaml     # and creates it again

  curl -s ${simulatorUrl}/_simulator/sinks       # the sinks at Twilio
  curl -s ${simulatorUrl}/_simulator/sinks/DG… -X PATCH -d '{"status":"failed"}'
  curl -s ${metricsUrl}

  pkill -KILL -f ${folder}/operator   # the demo starts the operator again, and every sink stays

Logs of operator, simulator, kube-apiserver and etcd: ${folder}/*.log
More settings and faults of the simulator: test/rigs/simulator/README.md
`
}
