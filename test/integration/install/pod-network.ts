import { freePort } from '../../rigs/control-plane/free-port.ts'
import type { Container } from './pod.ts'

/**
 * What a network of its own does for a Pod. Its ports are others on this machine, and what it calls Twilio may be
 * somebody else: both are written into its arguments, which otherwise stay as they are.
 */
export type PodNetwork = {
  readonly args: readonly string[]
  /** Where a probe of the Pod reaches it. */
  url(probe: Container['readinessProbe']): string
}

/** `hosts`: what stands behind a base URL. */
export async function networkFor(
  { args, ports }: Container,
  hosts: ReadonlyMap<string, string>,
): Promise<PodNetwork> {
  const outside = new Map<number, number>()
  for (const { containerPort } of ports) outside.set(containerPort, await freePort())
  const translated = (argument: string): string => {
    const [name = '', value = ''] = argument.split(/=(.*)/su)
    const host = hosts.get(value)
    if (host !== undefined) return `${name}=${host}`
    const port = outside.get(Number(/^:(\d+)$/u.exec(value)?.[1]))
    return port === undefined ? argument : `${name}=127.0.0.1:${port}`
  }
  return {
    args: args.map(translated),
    url: ({ httpGet: { path, port } }) => {
      const inside = typeof port === 'number' ? port : ports.find(({ name }) => name === port)?.containerPort
      const reached = outside.get(inside ?? NaN)
      if (reached === undefined) throw new Error(`a probe asks for port ${port}, which the container has not`)
      return `http://127.0.0.1:${reached}${path}`
    },
  }
}
