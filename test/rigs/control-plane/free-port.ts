import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Each process of a test run has ports of its own, so that no two find the same one free at once. */
const PORTS = 1_500
const FIRST = 20_000 + PORTS * (Number(process.env['VITEST_POOL_ID'] ?? 0) % 8)
const given = new Set<number>()

/**
 * A loopback port that is free now, and that is not given again. Below the range that systems give to outgoing
 * connections, so that it is still free when a server that was stopped starts on it again.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = FIRST + randomInt(PORTS)
    if (given.has(port) || !(await canListenOn(port))) continue
    // A process that lasts has long stopped what listened on the first ones.
    if (given.size > PORTS / 2) given.clear()
    given.add(port)
    return port
  }
  throw new Error('found no free loopback port in 100 attempts')
}

async function canListenOn(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
