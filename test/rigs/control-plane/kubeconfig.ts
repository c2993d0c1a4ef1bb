import { writeFile } from 'node:fs/promises'
import * as yaml from 'js-yaml'

export type KubeconfigOptions = { url: string; certificateAuthority: string; token: string }

/** Writes a kubeconfig with one bearer token, readable by its owner only. */
export async function writeKubeconfig(path: string, options: KubeconfigOptions): Promise<void> {
  const ca = Buffer.from(options.certificateAuthority).toString('base64')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'local', cluster: { server: options.url, 'certificate-authority-data': ca } }],
    users: [{ name: 'local', user: { token: options.token } }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'local', namespace: 'default' } }],
    'current-context': 'local',
  }
  await writeFile(path, yaml.dump(config), { mode: 0o600 })
}
