import { get } from 'node:http'
import type { RunFolder } from './run-folder.ts'
import { supervisedProgram, type SupervisedProgram } from './supervised-program.ts'

export type EtcdOptions = {
  path: string
  run: RunFolder
  logPath: string
  port: number
  peerPort: number
  /** Asked at each start. */
  dataDir: () => string
}

/** etcd as the API server's only client needs it: on loopback, without waiting for the disk. */
export function etcd({ path, run, logPath, port, peerPort, dataDir }: EtcdOptions): SupervisedProgram {
  const client = etcdUrl(port)
  const peer = etcdUrl(peerPort)
  const args = (): string[] => [
    `--data-dir=${dataDir()}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync',
    // Milliseconds: the only member need not wait long for others before it leads.
    '--heartbeat-interval=10',
    '--election-timeout=100',
    '--log-level=warn',
  ]
  // With clients still connected an orderly end takes ten seconds, and losing none of its data does not need it.
  const graceMs = 500
  return supervisedProgram({ path, args, logPath, isReady: () => isHealthy(client), run, graceMs })
}

export function etcdUrl(port: number): string {
  return `http://127.0.0.1:${port}`
}

function isHealthy(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(`${url}/health`, { timeout: 2_000, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
  })
}
