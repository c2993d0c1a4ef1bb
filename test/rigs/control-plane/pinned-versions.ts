import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const TOOLS = new URL('../../../tools/', import.meta.url)

/** A Go module in `tools` that pins programs. */
export type GoModule = 'kubernetes' | 'etcd' | 'helm' | 'prometheus'

export function goModuleFolder(name: GoModule): string {
  return fileURLToPath(new URL(name, TOOLS))
}

/** The Kubernetes version that `tools/kubernetes/go.mod` requires, without the `v`, for example `1.37.2`. */
export function pinnedKubernetesVersion(): string {
  return requiredVersion('kubernetes', 'k8s.io/kubernetes')
}

/** The version of Helm that `tools/helm/go.mod` requires, without the `v`, for example `4.3.1`. */
export function pinnedHelmVersion(): string {
  return requiredVersion('helm', 'helm.sh/helm/v4')
}

function requiredVersion(module: GoModule, required: string): string {
  const text = readFileSync(new URL(`${module}/go.mod`, TOOLS), 'utf8')
  const line = text.split('\n').find((one) => one.trim().startsWith(`${required} v`))
  const version = line === undefined ? undefined : / v(\d+\.\d+\.\d+)\b/.exec(line)?.[1]
  if (version === undefined) throw new Error(`tools/${module}/go.mod requires no ${required}`)
  return version
}

/** The platform in the words of Go and of release archives, for example `linux-amd64`. */
export function goPlatform(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  return `${process.platform}-${arch}`
}
