import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** The network between a client and a server on loopback, bytes in both directions, which a test can break. */
export interface TcpPath {
  readonly port: number
  /** No byte passes any more, in either direction, and nobody is told: neither old connections nor new ones. */
  blackHole(): void
  /** New connections pass again. The old ones stay silent for ever, as behind a router that has forgotten them. */
  heal(): void
  /** Resets every connection; new ones pass. */
  cut(): void
  /** Connections opened so far. */
  opened(): number
  stop(): Promise<void>
}

export async function startTcpPath(target: { readonly port: number }): Promise<TcpPath> {
  const sockets = new Set<Socket>()
  let passes = true
  let opened = 0
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    return socket.once('close', () => sockets.delete(socket))
  }
  const server = createServer((client) => {
    opened += 1
    keep(client)
    if (!passes) {
      client.pause()
      return
    }
    const there = keep(connect(target.port, '127.0.0.1'))
    client.pipe(there)
    there.pipe(client)
    client.once('close', () => there.destroy())
    there.once('close', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    blackHole: () => {
      passes = false
      for (const socket of sockets) socket.unpipe().pause()
    },
    heal: () => {
      passes = true
    },
    cut: () => {
      passes = true
      for (const socket of sockets) socket.resetAndDestroy()
    },
    opened: () => opened,
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Writes a copy of a kubeconfig in which the API server is found through the path. */
export async function kubeconfigThrough(
  path: TcpPath,
  cluster: { readonly url: string; readonly kubeconfigPath: string },
  to: string,
): Promise<string> {
  const original = await readFile(cluster.kubeconfigPath, 'utf8')
  await writeFile(to, original.replaceAll(cluster.url, `https://127.0.0.1:${path.port}`), { mode: 0o600 })
  return to
}
