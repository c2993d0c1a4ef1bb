import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server } from 'node:https'
import { connect as connectTcp, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TlsSettings } from '../../../src/kubernetes/client/credentials.ts'
import { connect } from './widget-store.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
let folder: string
let server: Server
let url: string

const read = (name: string): Buffer => readFileSync(join(folder, name))

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

function authority(name: string): void {
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.pem`,
  )
}

function certificate(name: string, issuer: string): void {
  writeFileSync(join(folder, 'extensions'), 'subjectAltName=IP:127.0.0.1')
  openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`)
  const by = ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`, '-CAcreateserial', '-extfile', 'extensions']
  openssl('x509', '-req', '-in', `${name}.csr`, '-days', '2', ...by, '-out', `${name}.pem`)
}

describe.skipIf(!hasOpenssl)('connection over TLS', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tls-test-'))
    for (const name of ['ca', 'next-ca']) authority(name)
    for (const name of ['server', 'client']) certificate(name, 'ca')
    certificate('next-server', 'next-ca')
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
    rmSync(folder, { recursive: true })
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

  test('goes through an HTTP proxy', async () => {
    let tunnels = 0
    const proxy = createHttpServer()
    proxy.on('connect', (request, near) => {
      tunnels += 1
      const far = connectTcp(Number(new URL(`http://${request.url ?? ''}`).port), '127.0.0.1', () => {
        near.write('HTTP/1.1 200 OK\r\n\r\n')
        near.pipe(far).pipe(near)
      })
      for (const end of [near, far]) end.on('error', () => near.destroy())
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    expect(await ask({ ...client(), ca: read('ca.pem') }, address)).toMatchObject({ client: 'client' })
    expect(tunnels).toBe(1)
    proxy.close()
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
