import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TlsSettings } from '../../../src/kubernetes/client/credentials.ts'
import { Certificates, hasOpenssl } from '../../rigs/certificates.ts'
import { startConnectProxy } from '../../rigs/connect-proxy.ts'
import { connect } from './widget-store.ts'

const certificates = new Certificates()
const read = (file: string): Buffer => certificates.read(file)
let server: Server
let url: string

describe.skipIf(!hasOpenssl)('connection over TLS', () => {
  beforeAll(async () => {
    for (const name of ['ca', 'next-ca']) certificates.authority(name)
    for (const name of ['server', 'client']) certificates.certificate(name, 'ca')
    certificates.certificate('next-server', 'next-ca')
    const trust = { ca: read('ca.pem'), requestCert: true, rejectUnauthorized: true }
    server = createServer(
      { ...trust, cert: read('server.pem'), key: read('server.key') },
      (request, response) => {
        const { subject } = (request.socket as TLSSocket).getPeerCertificate()
        response.end(JSON.stringify({ client: subject.CN, http: request.httpVersion }))
      },
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  afterAll(() => {
    server.closeAllConnections()
    server.close()
    certificates.remove()
  })

  const client = (): TlsSettings => ({ cert: read('client.pem'), key: read('client.key') })

  const ask = async (tls: TlsSettings, proxy?: string): Promise<unknown> => {
    const connection = connect(url, {
      credentials: { read: async () => ({ server: url, headers: {}, tls, proxy }) },
    })
    try {
      return await connection.request({ method: 'GET', path: '/', tries: 1, timeoutMs: 10_000 })
    } finally {
      await connection.close()
    }
  }

  test('shows its client certificate, and stays with HTTP/1.1, of which a watch holds one connection', async () => {
    expect(await ask({ ...client(), ca: read('ca.pem') })).toEqual({ client: 'client', http: '1.1' })
  })

  test('trusts nobody whom it was not told to trust', async () => {
    await expect(ask(client())).rejects.toMatchObject({ kind: 'unavailable' })
    await expect(ask({ ...client(), ca: read('next-ca.pem') })).rejects.toMatchObject({ kind: 'unavailable' })
  })

  test('goes through an HTTP proxy, which is told the user and the password of its URL', async () => {
    await using proxy = await startConnectProxy({ wants: 'me:pass@word' })
    const address = `http://me:pass%40word@127.0.0.1:${proxy.port}`
    expect(await ask({ ...client(), ca: read('ca.pem') }, address)).toEqual({ client: 'client', http: '1.1' })
    expect(proxy.asked).toEqual([new URL(url).host])
  })

  test.each([
    ['refuses the password', { wants: 'me:other' }, /127\.0\.0\.1:\d+ refuses .*password/u],
    ['does not want to', { status: 403 }, /127\.0\.0\.1:\d+ does not connect to 127\.0\.0\.1:\d+: .*403/u],
    ['hangs up', { status: undefined }, /127\.0\.0\.1:\d+ does not answer/u],
  ])('names the proxy that %s, and not the password', async (_why, options, told) => {
    await using proxy = await startConnectProxy(options)
    const asked = ask({ ...client(), ca: read('ca.pem') }, `http://me:geheim@127.0.0.1:${proxy.port}`)
    await expect(asked).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(told) as string,
    })
    await expect(asked).rejects.not.toThrow(/geheim/iu)
  })

  test('rejects where its certificate is none, behind a proxy, too', async () => {
    await using proxy = await startConnectProxy()
    const broken = { cert: '-----BEGIN CERTIFICATE-----\ngeheim', key: read('client.key') }
    for (const address of [undefined, `http://127.0.0.1:${proxy.port}`]) {
      const asked = ask({ ...broken, ca: read('ca.pem') }, address)
      await expect(asked).rejects.toMatchObject({ kind: 'unavailable' })
      await expect(asked).rejects.not.toThrow(/geheim/u)
    }
  })

  test('follows the API server to another certificate authority without a restart', async () => {
    let now = 0
    let ca = read('ca.pem')
    const connection = connect(url, {
      clock: { now: () => now, monotonic: () => now },
      credentials: {
        read: async () => ({ server: url, headers: {}, tls: { ...client(), ca }, proxy: undefined }),
      },
    })
    const get = () => connection.request({ method: 'GET', path: '/', tries: 1, timeoutMs: 10_000 })
    await get()
    server.setSecureContext({
      ca: read('ca.pem'),
      cert: read('next-server.pem'),
      key: read('next-server.key'),
    })
    server.closeAllConnections()
    await expect(get()).rejects.toMatchObject({ kind: 'unavailable' })
    ca = read('next-ca.pem')
    now += 31_000
    expect(await get()).toMatchObject({ client: 'client' })
    await connection.close()
  })
})
