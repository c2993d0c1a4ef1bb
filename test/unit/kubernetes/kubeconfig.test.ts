import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kubeconfigCredentials } from '../../../src/kubernetes/kubeconfig.ts'

let folder: string
const file = (name: string): string => join(folder, name)

function write(name: string, user: unknown, cluster: unknown = {}, server = 'https://one:6443'): string {
  const config = {
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server, ...(cluster as object) } }],
    users: [{ name: 'u', user }],
  }
  writeFileSync(file(name), JSON.stringify(config))
  return file(name)
}

const read = (path: string, fresh = false) => kubeconfigCredentials({ path, environment: {} }).read(fresh)
const base64 = (text: string): string => Buffer.from(text).toString('base64')

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-test-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('credentials of a kubeconfig', () => {
  test('are a token', async () => {
    const { server, headers } = await read(write('token', { token: 'secret' }))
    expect({ server, headers }).toEqual({
      server: 'https://one:6443',
      headers: { authorization: 'Bearer secret' },
    })
  })

  test('are a client certificate, and what is to be trusted', async () => {
    const user = { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') }
    const cluster = { 'certificate-authority-data': base64('CA'), 'tls-server-name': 'kubernetes' }
    const { tls, headers } = await read(write('certificate', user, cluster))
    expect(headers).toEqual({})
    expect(tls).toMatchObject({ servername: 'kubernetes' })
    expect([tls.ca, tls.cert, tls.key].map(String)).toEqual(['CA', 'CERT', 'KEY'])
  })

  test('are found in files beside it, read anew each time', async () => {
    writeFileSync(file('ca.pem'), 'FIRST')
    const source = kubeconfigCredentials({
      path: write('beside', {}, { 'certificate-authority': 'ca.pem' }),
      environment: {},
    })
    expect(String((await source.read(false)).tls.ca)).toBe('FIRST')
    writeFileSync(file('ca.pem'), 'SECOND')
    expect(String((await source.read(false)).tls.ca)).toBe('SECOND')
  })

  test('are user name and password', async () => {
    const { headers } = await read(write('basic', { username: 'me', password: 'secret' }))
    expect(headers).toEqual({ authorization: `Basic ${base64('me:secret')}` })
  })

  test('are what a plugin prints, remembered until they are refused', async () => {
    const script = `const fs = require('fs'); const n = Number(fs.existsSync('${file('n')}') && fs.readFileSync('${file('n')}')) + 1; fs.writeFileSync('${file('n')}', String(n)); console.log(JSON.stringify({ status: { token: 't' + n } }))`
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', script],
    }
    const source = kubeconfigCredentials({ path: write('plugin', { exec }), environment: {} })
    const tokens = [await source.read(false), await source.read(false), await source.read(true)]
    expect(tokens.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer t1',
      'Bearer t1',
      'Bearer t2',
    ])
  })

  test('name an HTTP proxy', async () => {
    expect(await read(write('proxy', {}, { 'proxy-url': 'http://proxy:3128' }))).toMatchObject({
      proxy: 'http://proxy:3128',
    })
  })
})

describe('the place of a kubeconfig', () => {
  test('is the given file before KUBECONFIG, and that before the home folder', async () => {
    const environment = { KUBECONFIG: write('two', {}, {}, 'https://two:6443'), HOME: folder }
    const given = kubeconfigCredentials({ path: write('one', {}), environment })
    expect((await given.read(false)).server).toBe('https://one:6443')
    expect((await kubeconfigCredentials({ environment }).read(false)).server).toBe('https://two:6443')
  })

  test('may be several files, of which the first decides and missing ones do not matter', async () => {
    const list = [write('first', {}, {}, 'https://first:6443'), file('missing'), write('next', {})].join(':')
    const source = kubeconfigCredentials({ environment: { KUBECONFIG: list } })
    expect((await source.read(false)).server).toBe('https://first:6443')
  })

  test.each([
    ['nowhere', { environment: { HOME: '/nonexistent' } }],
    ['a file that is missing', { path: '/nonexistent/config', environment: {} }],
    ['an empty list', { environment: { KUBECONFIG: '' } }],
  ])('that is %s rejects', async (_name, place) => {
    await expect(kubeconfigCredentials(place).read(false)).rejects.toThrow()
  })
})
