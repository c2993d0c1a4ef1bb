import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const TOOLS = new URL('../../tools/', import.meta.url)

/** The folder of a Go module that pins programs: `tools/kubernetes` or `tools/etcd`. */
export function goModuleFolder(name: 'kubernetes' | 'etcd'): string {
  return fileURLToPath(new URL(name, TOOLS))
}

/** The Kubernetes version that `tools/kubernetes/go.mod` requires, without the `v`, for example `1.37.2`. */
export function pinnedKubernetesVersion(): string {
  const module = readFileSync(new URL('kubernetes/go.mod', TOOLS), 'utf8')
  const version = /k8s\.io\/kubernetes v(\d+\.\d+\.\d+)\b/.exec(module)?.[1]
  if (version === undefined) throw new Error('tools/kubernetes/go.mod requires no k8s.io/kubernetes')
  return version
}

/** The platform in the words of Go and of release archives, for example `linux-amd64`. */
export function goPlatform(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  return `${process.platform}-${arch}`
}
