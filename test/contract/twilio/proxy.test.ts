import { execFile, type ExecFileException } from 'node:child_process'
import { createServer, type Server } from 'node:https'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Certificates, hasOpenssl } from '../../rigs/certificates.ts'
import { startConnectProxy, type ConnectProxyOptions } from '../../rigs/connect-proxy.ts'
import {
  CALLED_SINK,
  CALLING_SID,
  create,
  everythingOf,
  failureOf,
  numberedSid,
  sinkBody,
  sinkPage,
  twilioAt,
} from './twilio-under-test.ts'

const TWILIO = 'https://events.twilio.example'
const TARGET = 'events.twilio.example:443'
const certificates = new Certificates()
const read = (file: string): Buffer => certificates.read(file)
const tlsOf = (name: string) => ({ cert: read(`${name}.pem`), key: read(`${name}.key`) })

/** Method and path of what has reached Twilio. */
const arrived: string[] = []
let answers = true
let server: Server
let leadsTo: number

function bodyOf(method: string, url: string): unknown {
  if (url.startsWith('/v1/Subscriptions')) return { subscriptions: [], meta: { next_page_url: null } }
  return method === 'GET' && !url.startsWith('/v1/Sinks/') ? sinkPage([1]) : sinkBody()
}

const proxyAt = (port: number, scheme = 'http', user = 'me:geheim'): URL =>
  new URL(`${scheme}://${user}@127.0.0.1:${port}`)

describe.skipIf(!hasOpenssl)('Twilio behind an HTTP proxy', () => {
  beforeAll(async () => {
    for (const name of ['ca', 'other-ca']) certificates.authority(name)
    certificates.certificate('twilio', 'ca', 'DNS:events.twilio.example')
    certificates.certificate('stranger', 'other-ca', 'DNS:events.twilio.example')
    certificates.certificate('proxy', 'ca')
    setDefaultCACertificates([...getCACertificates('default'), String(read('ca.pem'))])
    server = createServer(tlsOf('twilio'), ({ method = '', url = '' }, response) => {
      arrived.push(`${method} ${url}`)
      if (answers) response.writeHead(method === 'POST' ? 201 : 200).end(JSON.stringify(bodyOf(method, url)))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    leadsTo = (server.address() as AddressInfo).port
  })

  afterAll(() => {
    server.closeAllConnections()
    server.close()
    certificates.remove()
  })

  const arrivedWhile = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    arrived.length = 0
    await work()
    return [...arrived]
  }

  test.each([
    ['http', () => ({})],
    ['https', () => ({ tls: tlsOf('proxy') })],
  ])('is read and written through one that is spoken to over %s', async (scheme, more) => {
    await using proxy = await startConnectProxy({ leadsTo, wants: 'me:geheim', ...more() })
    await using under = twilioAt(TWILIO, { proxy: proxyAt(proxy.port, scheme) })
    const seen = await arrivedWhile(async () => {
      for (let made = 0; made < 5; made += 1) await under.account.fetchSink(CALLED_SINK)
      await create(under.account)
    })
    expect(seen).toEqual([...Array<string>(5).fill(`GET /v1/Sinks/${CALLED_SINK}`), 'POST /v1/Sinks'])
    expect(new Set(proxy.asked)).toEqual(new Set([TARGET]))
    // A write has a connection of its own; reads use theirs again.
    expect(proxy.asked.length).toBeLessThanOrEqual(3)
  })

  const refusals: readonly (readonly [why: string, options: ConnectProxyOptions, told: RegExp])[] = [
    ['wants another password', { wants: 'me:other' }, /refuses the user name or the password .*407/u],
    ['refuses the target', { status: 403 }, /does not connect to events\.twilio\.example:443: .*403/u],
    ['does not find the target', { status: 502 }, /does not connect to events\.twilio\.example:443: .*502/u],
    ['answers with a status that opens no tunnel', { status: 204 }, /does not connect .*204/u],
    ['hangs up', { status: undefined }, /does not answer/u],
  ]
  test.each(refusals)(
    'sends no create when the proxy %s, says so, and does not say the password',
    async (...row) => {
      const [, options, told] = row
      await using proxy = await startConnectProxy({ leadsTo, ...options })
      await using under = twilioAt(TWILIO, { proxy: proxyAt(proxy.port) })
      const seen = await arrivedWhile(async () => {
        const failure = await failureOf(create(under.account))
        expect(failure).toMatchObject({ kind: 'not-sent', message: expect.stringMatching(told) as string })
        expect(failure.message).toContain(`the proxy 127.0.0.1:${proxy.port} `)
        expect(everythingOf(failure)).not.toMatch(/geheim|Z2VoZWlt/iu)
      })
      expect(seen).toEqual([])
    },
  )

  test('says that the proxy wants a password where its URL has none', async () => {
    await using proxy = await startConnectProxy({ leadsTo, wants: 'me:geheim' })
    await using under = twilioAt(TWILIO, { proxy: new URL(`http://127.0.0.1:${proxy.port}`) })
    expect((await failureOf(create(under.account))).message).toMatch(/wants a user name and a password/u)
  })

  test('sends no create when nothing listens where the proxy should be', async () => {
    const closed = await startConnectProxy()
    await closed[Symbol.asyncDispose]()
    await using under = twilioAt(TWILIO, { proxy: proxyAt(closed.port) })
    const failure = await failureOf(create(under.account))
    expect(failure).toMatchObject({
      kind: 'not-sent',
      message: expect.stringContaining(`127.0.0.1:${closed.port} does not answer (ECONNREFUSED)`) as string,
    })
  })

  test('sends no create when the proxy takes connections and is silent, and ends in time', async () => {
    const silent = createTcpServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    await using under = twilioAt(TWILIO, { proxy: proxyAt(port), callTimeoutMs: 500 })
    const began = performance.now()
    expect((await failureOf(create(under.account))).kind).toBe('not-sent')
    expect(performance.now() - began).toBeLessThan(5_000)
    silent.close()
  })

  test('sends no create when somebody else sits behind the tunnel', async () => {
    const stranger = createServer(tlsOf('stranger'), () => expect.unreachable('It was sent'))
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
    await using proxy = await startConnectProxy({
      leadsTo: (stranger.address() as AddressInfo).port,
      wants: 'me:geheim',
    })
    await using under = twilioAt(TWILIO, { proxy: proxyAt(proxy.port) })
    expect((await failureOf(create(under.account))).kind).toBe('not-sent')
    stranger.close()
  })

  const exported = (environment: Readonly<Record<string, string>>) => {
    const folder = mkdtempSync(join(tmpdir(), 'export-'))
    const output = join(folder, 'files')
    const words = ['src/main.ts', 'export', '--output', output, '--twilio-base-url', TWILIO]
    const env = {
      NODE_EXTRA_CA_CERTS: certificates.path('ca.pem'),
      TWILIO_ACCOUNT_SID: CALLING_SID,
      TWILIO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef',
      ...environment,
    }
    return new Promise<{ error: ExecFileException | null; told: string; sinks: string }>((resolve) => {
      execFile(process.execPath, words, { env }, (error, stdout, stderr) => {
        const file = join(output, 'sinks.yaml')
        const sinks = existsSync(file) ? readFileSync(file, 'utf8') : ''
        rmSync(folder, { recursive: true })
        resolve({ error, told: `${stdout}${stderr}`, sinks })
      })
    })
  }

  test('is exported through the one that the environment names', async () => {
    await using proxy = await startConnectProxy({ leadsTo, wants: 'me:geheim' })
    const { told, sinks } = await exported({ HTTPS_PROXY: proxyAt(proxy.port).href, NO_PROXY: 'example.com' })
    expect(sinks, told).toContain(numberedSid(1))
    expect(new Set(proxy.asked)).toEqual(new Set([TARGET]))
    expect(told).not.toContain('geheim')
  })

  test('is not exported when the environment names a proxy that is none: that is no reason to go around it', async () => {
    const { error, told } = await exported({ https_proxy: 'socks5://me:geheim@127.0.0.1:1' })
    expect(error?.code).toBe(1)
    expect(told).toMatch(/^twilio-sink-operator: https_proxy in the environment must be .*\n$/u)
    expect(told).not.toContain('geheim')
  })

  test('leaves open whether a create took effect that Twilio got and did not answer', async () => {
    await using proxy = await startConnectProxy({ leadsTo, wants: 'me:geheim' })
    await using under = twilioAt(TWILIO, { proxy: proxyAt(proxy.port), callTimeoutMs: 500 })
    answers = false
    const seen = await arrivedWhile(async () => {
      expect((await failureOf(create(under.account))).kind).toBe('transient')
    })
    answers = true
    expect(seen).toEqual(['POST /v1/Sinks'])
  })
})
