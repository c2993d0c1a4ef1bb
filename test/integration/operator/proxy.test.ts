import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Certificates, hasOpenssl } from '../../rigs/certificates.ts'
import { startConnectProxy, type ConnectProxy } from '../../rigs/connect-proxy.ts'
import { BUNDLE } from '../../rigs/control-plane/bundle.ts'
import { startOperator, type BeginOperator, type OperatorFlags } from './operator-process.ts'
import { ready, setStage, sink, type Stage } from './stage.ts'

const TWILIO = 'https://events.twilio.example'
const certificates = new Certificates()

/** The operator in a network in which Twilio can only be reached through a proxy, as the environment says. */
describe.skipIf(!hasOpenssl)('behind an HTTP proxy', () => {
  let front: Server
  let proxy: ConnectProxy
  let stage: Stage
  let simulator = ''

  const environment = (password: string) => ({
    ...process.env,
    NODE_EXTRA_CA_CERTS: certificates.path('ca.pem'),
    HTTPS_PROXY: `http://operator:${password}@127.0.0.1:${proxy.port}`,
    NO_PROXY: 'example.com',
  })
  const begin: BeginOperator = async (argv) =>
    spawn(process.execPath, [BUNDLE, ...argv], {
      env: environment('geheim'),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const start = (flags: OperatorFlags) => {
    simulator = flags['twilio-base-url']
    return startOperator({ ...flags, 'twilio-base-url': TWILIO }, 60_000, begin)
  }

  beforeAll(async () => {
    certificates.authority('ca')
    certificates.certificate('twilio', 'ca', 'DNS:events.twilio.example')
    const tls = { cert: certificates.read('twilio.pem'), key: certificates.read('twilio.key') }
    front = createServer(tls, (incoming, response) => {
      const { method, url, headers } = incoming
      const onwards = request(new URL(url ?? '', simulator), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      })
      onwards.on('error', () => response.destroy())
      incoming.pipe(onwards)
    })
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
    const leadsTo = (front.address() as AddressInfo).port
    proxy = await startConnectProxy({ leadsTo, wants: 'operator:geheim' })
    stage = await setStage({ name: 'proxy', start })
  })
  afterAll(async () => {
    await stage?.end()
    await proxy?.[Symbol.asyncDispose]()
    front?.closeAllConnections()
    front?.close()
    certificates.remove()
  })

  it('it makes and deletes sinks through the proxy, calls the API server directly, and tells nobody the password', async () => {
    await stage.apply(sink('orders'))
    await ready(stage, 'orders')
    await stage.kubectl(['delete', 'sink', 'orders', '--timeout=60s'])
    expect(new Set(proxy.asked)).toEqual(new Set(['events.twilio.example:443']))
    const log = stage.operator().log()
    expect(log).toContain(`"proxy":"127.0.0.1:${proxy.port}"`)
    expect(log).not.toContain('geheim')
  })

  it('it ends in one line where the proxy cannot be understood, and does not go around it', async () => {
    const flags = ['--kubeconfig', stage.cluster.kubeconfigPath, '--namespace', stage.namespace]
    const env = { ...environment('geheim'), HTTPS_PROXY: 'socks5://operator:geheim@127.0.0.1:1080' }
    const child = spawn(process.execPath, [BUNDLE, ...flags], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const [output, [code]] = await Promise.all([
      Promise.all([text(child.stdout), text(child.stderr)]),
      once(child, 'exit'),
    ])
    expect(code).toBe(1)
    expect(output.join('')).toMatch(/^\{.*HTTPS_PROXY in the environment must be .*\}\n$/u)
    expect(output.join('')).not.toContain('geheim')
  })
})
