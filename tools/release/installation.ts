import { helmFor } from '../../test/rigs/control-plane/helm.ts'
import { NoBinariesError } from '../../test/rigs/control-plane/binaries.ts'
import { startControlPlane, type ControlPlane } from '../../test/rigs/control-plane/control-plane.ts'
import { chartsOf, imageOf, type Target } from './target.ts'
import { LeftOutError } from './steps.ts'

const NAMESPACE = 'twilio-system'
const NAME = 'twilio-sink-operator'

/** Installs the chart from the registry into a kube-apiserver of its own; resolves with the image that its pods would run. */
export async function installFromRegistry(target: Target, version: string): Promise<string> {
  const cluster = await startControlPlane().catch((error: unknown) => {
    throw error instanceof NoBinariesError ? new LeftOutError(error.message) : error
  })
  try {
    return await install(cluster, target, version)
  } finally {
    await cluster.stop()
  }
}

/** No kubelet runs here: whether the image runs is tested by `npm run test:image`. */
async function install(cluster: ControlPlane, target: Target, version: string): Promise<string> {
  const helm = await helmFor(cluster.address)
  const chart = `${chartsOf(target)}/${NAME}`
  const installing = [
    'install',
    NAME,
    chart,
    '--version',
    version,
    '--namespace',
    NAMESPACE,
    '--create-namespace',
  ]
  const installed = await helm([...installing, ...(target.plainHttp ? ['--plain-http'] : [])])
  if (installed.code !== 0) throw new Error(`helm install: ${installed.stderr}`)
  const image = '{.spec.template.spec.containers[0].image}'
  const asked = ['get', 'deployment', NAME, '--namespace', NAMESPACE, '-o', `jsonpath=${image}`]
  const { code, stdout, stderr } = await cluster.kubectl(asked)
  if (code !== 0) throw new Error(`kubectl get deployment: ${stderr}`)
  const wanted = `${imageOf(target)}:${version}`
  if (stdout !== wanted) throw new Error(`the chart installs ${stdout}, not ${wanted}`)
  return `${chart} ${version} installs ${stdout}`
}
