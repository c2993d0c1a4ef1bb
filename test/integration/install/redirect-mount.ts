import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** Loaded before the operator: a process has no mounts of its own, so that of the Pod's token is elsewhere. */
const MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
const folder = new URL(import.meta.url).searchParams.get('folder')

const real = <T>(path: T): T | string =>
  typeof path === 'string' && path.startsWith(MOUNT) ? `${folder}${path.slice(MOUNT.length)}` : path

for (const name of ['accessSync', 'existsSync', 'readFileSync'] as const) {
  const original = fs[name] as (path: unknown, ...rest: unknown[]) => unknown
  Object.assign(fs, { [name]: (path: unknown, ...rest: unknown[]) => original(real(path), ...rest) })
}
syncBuiltinESMExports()
