import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorFacts } from '../../../src/observability/error-facts.ts'
import { UnusableKubeconfig } from '../../../src/kubernetes/client/credentials.ts'
import { kubeconfigCredentials } from '../../../src/kubernetes/client/kubeconfig.ts'
import type { KubeconfigPlace } from '../../../src/kubernetes/client/kubeconfig-files.ts'

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

const source = (place: KubeconfigPlace) => kubeconfigCredentials(place, { now: () => Date.now() })
const read = (path: string, fresh = false) => source({ path, environment: {} }).read(fresh)
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
    const beside = source({
      path: write('beside', {}, { 'certificate-authority': 'ca.pem' }),
      environment: {},
    })
    expect(String((await beside.read(false)).tls.ca)).toBe('FIRST')
    writeFileSync(file('ca.pem'), 'SECOND')
    expect(String((await beside.read(false)).tls.ca)).toBe('SECOND')
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
    const plugin = source({ path: write('plugin', { exec }), environment: {} })
    const tokens = [await plugin.read(false), await plugin.read(false), await plugin.read(true)]
    expect(tokens.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer t1',
      'Bearer t1',
      'Bearer t2',
    ])
  })

  test('name an HTTP proxy', async () => {
    expect(await read(write('proxy', {}, { 'proxy-url': 'http://proxy:3128' }))).toMatchObject({
      proxy: 'http://proxy:3128/',
    })
  })

  test('leave the proxy to the environment unless they name one, as kubectl has it', async () => {
    const environment = { HTTPS_PROXY: 'http://of-environment:3128', NO_PROXY: '.direct' }
    const proxyOf = async (path: string) => (await source({ path, environment }).read(false)).proxy
    expect(await proxyOf(write('no-proxy-url', {}))).toBe('http://of-environment:3128/')
    expect(await proxyOf(write('direct', {}, {}, 'https://one.direct:6443'))).toBeUndefined()
    const own = { 'proxy-url': 'http://own:3128' }
    expect(await proxyOf(write('own', {}, own, 'https://one.direct:6443'))).toBe('http://own:3128/')
  })

  test('are in a token file beside it, read anew each time, and it goes before a token', async () => {
    writeFileSync(file('token'), 'first\n')
    const user = { tokenFile: 'token', token: 'beside' }
    const inFile = source({ path: write('token-file', user), environment: {} })
    const token = async () => (await inFile.read(false)).headers['authorization']
    expect(await token()).toBe('Bearer first')
    writeFileSync(file('token'), 'second')
    expect(await token()).toBe('Bearer second')
    rmSync(file('token'))
    expect(await token()).toBe('Bearer beside')
  })

  test.each(['\n', '\r\n', ' '])(
    'are a token without the %j at its end, which no header may have',
    async (end) => {
      const { headers } = await read(write('broken-line', { token: `secret${end}` }))
      expect(headers).toEqual({ authorization: 'Bearer secret' })
    },
  )

  test('act as the one whom they name, with all groups and all that is told of her', async () => {
    const user = {
      token: 'secret',
      as: 'jane',
      'as-uid': '42',
      'as-groups': ['developers', 'admins'],
      'as-user-extra': { 'example.com/Scope': ['view', 'edit'], '50%': ['x'] },
    }
    expect((await read(write('as', user))).headers).toEqual({
      authorization: 'Bearer secret',
      'impersonate-user': 'jane',
      'impersonate-uid': '42',
      'impersonate-group': ['developers', 'admins'],
      'impersonate-extra-example.com%2FScope': ['view', 'edit'],
      'impersonate-extra-50%25': ['x'],
    })
  })

  test('of the file that has the user are those of the first of several', async () => {
    const [one, two] = [write('as-one', { as: 'one' }), write('as-two', { as: 'two' })]
    const list = source({ environment: { KUBECONFIG: `${one}:${two}` } })
    expect((await list.read(false)).headers).toEqual({ 'impersonate-user': 'one' })
  })
})

describe('the place of a kubeconfig', () => {
  test('is the given file before KUBECONFIG, and that before the home folder', async () => {
    const environment = { KUBECONFIG: write('two', {}, {}, 'https://two:6443'), HOME: folder }
    const given = source({ path: write('one', {}), environment })
    expect((await given.read(false)).server).toBe('https://one:6443')
    expect((await source({ environment }).read(false)).server).toBe('https://two:6443')
  })

  test('may be several files, of which the first decides and missing ones do not matter', async () => {
    const list = [write('first', {}, {}, 'https://first:6443'), file('missing'), write('next', {})].join(':')
    const several = source({ environment: { KUBECONFIG: list } })
    expect((await several.read(false)).server).toBe('https://first:6443')
  })

  test.each([
    ['nowhere', { environment: { HOME: '/nonexistent' } }],
    ['a file that is missing', { path: '/nonexistent/config', environment: {} }],
    ['the present folder, where HOME is empty', { environment: { HOME: '' } }],
    ['a list of files that are missing', { environment: { KUBECONFIG: '/nonexistent/a:/nonexistent/b' } }],
  ])('that is %s rejects', async (_name, place) => {
    await expect(source(place).read(false)).rejects.toThrow(UnusableKubeconfig)
  })

  test.each(['', ':'])('is the home folder where KUBECONFIG is %j, as if it were not set', async (list) => {
    mkdirSync(file('.kube'), { recursive: true })
    writeFileSync(file('.kube/config'), readFileSync(write('at-home', {}, {}, 'https://home:6443')))
    const { server } = await source({ environment: { KUBECONFIG: list, HOME: folder } }).read(false)
    expect(server).toBe('https://home:6443')
  })
})

/** Without HOME the system is asked, which knows only the users in its file. */
describe.skipIf(process.getuid?.() !== 0)('without a home', () => {
  test.each<NodeJS.ProcessEnv>([{}, { HOME: '' }])(
    'a user whom the system does not know has no kubeconfig: %j',
    (env) => {
      const program = `
        import { kubeconfigCredentials } from './src/kubernetes/client/kubeconfig.ts'
        const source = kubeconfigCredentials({ environment: process.env }, Date)
        await source.read(false).catch((error) => console.log(error.message))`
      const options = { env, uid: 54_321, encoding: 'utf8' } as const
      const words = ['--input-type=module', '-e', program]
      const { stdout, stderr } = spawnSync(process.execPath, words, options)
      expect({ stdout, stderr }).toEqual({
        stdout: expect.stringMatching(/^No kubeconfig/u) as string,
        stderr: '',
      })
    },
  )
})

/** What is wrong, as it would stand in the log; the canary must not be in it, nor anything that was printed. */
async function complaint(place: KubeconfigPlace): Promise<string> {
  const error: unknown = await source(place)
    .read(false)
    .then(
      () => expect.unreachable('It was usable'),
      (reason: unknown) => reason,
    )
  expect(error).toBeInstanceOf(UnusableKubeconfig)
  const { message = '' } = errorFacts(error)
  expect(`${message} ${JSON.stringify(error)}`).not.toMatch(/canary/iu)
  expect(message.length).toBeLessThan(512)
  return message
}

describe('a kubeconfig that is wrong', () => {
  const good = (): string => readFileSync(write('good', { token: 'canary-token' }), 'utf8')
  const yaml = 'users:\n- name: u\n  user:\n    client-key-data: canary-key\n   token: canary-token\n'
  const wrong: readonly (readonly [name: string, content: () => string, told: RegExp])[] = [
    ['a bad indentation', () => yaml, /line \d/u],
    ['an alias that is none', () => 'token: *canary\n', /line 1/u],
    ['a tag that is none', () => 'a: 1\ntoken: !canary x\n', /line 2/u],
    ['the same key twice', () => 'a: 1\ncanary: 1\ncanary: 2\n', /line \d/u],
    ['half a JSON', () => good().slice(0, -20), /line \d/u],
    ['a bare token', () => 'canary-token', /no current context/u],
    ['a list', () => '- canary', /lists of clusters|no current context/u],
    ['nothing', () => '', /wrong-nothing .*lists of clusters/u],
    ['an empty object', () => '{}', /wrong-an-empty-object names no current context/u],
    ['no current context', () => good().replace('current-context', 'canary'), /context/u],
    ['a context that is none', () => good().replace('"name":"here"', '"name":"canary"'), /have the context/u],
    [
      'a cluster that is none',
      () => good().replace('"cluster":"c"', '"cluster":"canary"'),
      /have the cluster/u,
    ],
    ['a user that is none', () => good().replace('"user":"u"', '"user":"canary"'), /have the user/u],
    [
      'groups of nobody',
      () => good().replace('"token"', '"as-groups":["canary"],"token"'),
      /as-groups .* as$/u,
    ],
    [
      'a break in a name',
      () => good().replace('"token"', String.raw`"as":"canary\nx","token"`),
      /no header/u,
    ],
    [
      'a proxy that is none',
      () => good().replace('"server"', '"proxy-url":"socks5://canary","server"'),
      /HTTP/u,
    ],
    ['a user without a name', () => 'users: [{user: {token: canary}}]', /lists of clusters/u],
    ['a server that is a list', () => good().replace('"https://one:6443"', '["canary"]'), /server/u],
    ['a server that is none', () => good().replace('https://one:6443', 'canary'), /server/u],
    ['a token file that is the token', () => good().replace('"token"', '"token-file"'), /ENOENT/u],
    ['a tokenFile that is the token', () => good().replace('"token"', '"tokenFile"'), /ENOENT/u],
    [
      'a tokenFile without a token',
      () => good().replace('"canary-token"', '"/dev/null"').replace('"token"', '"tokenFile"'),
      /empty/u,
    ],
    ['ten megabytes', () => `a: canary${' '.repeat(10_000_000)}`, /bytes/u],
  ]
  test.each(wrong)(
    'by %s is named with the line, and nothing of it is quoted',
    async (name, content, told) => {
      const path = file(`wrong-${name.replaceAll(' ', '-')}`)
      writeFileSync(path, content())
      for (const place of [
        { path, environment: {} },
        { environment: { KUBECONFIG: `${path}:${file('missing')}` } },
      ])
        expect(await complaint(place)).toMatch(told)
    },
  )

  test('is named by its path, unless that is the content', async () => {
    expect(await complaint({ path: '/nonexistent/config', environment: {} })).toMatch(
      /\/nonexistent\/config.*ENOENT/u,
    )
    await complaint({ path: good(), environment: {} })
    await complaint({ environment: { KUBECONFIG: good() } })
  })

  test.each([
    ['certificate', { 'client-certificate': 'canary.pem' }],
    ['key', { 'client-key': 'canary.pem' }],
  ])('because a %s is missing says so', async (_name, user) => {
    expect(await complaint({ path: write('missing-file', user), environment: {} })).toMatch(/ENOENT/u)
  })
})

describe('an exec plugin', () => {
  const plugin = (script: string, more: Record<string, unknown> = {}) =>
    write('wrong-plugin', { exec: { command: process.execPath, args: ['-e', script], ...more } })
  test.each([
    ['prints a bare token', `console.log('canary-token')`, /no JSON/u],
    ['prints half an answer', `console.log('{"status": {"token": "canary')`, /no JSON/u],
    ['prints no status', `console.log('{"canary": "canary"}')`, /neither a token/u],
    ['prints a list', `console.log('["canary"]')`, /neither a token/u],
    ['prints too much', `console.log('canary'.repeat(1e6))`, /bytes/u],
    ['complains and ends', `console.error('canary'.repeat(1e4)); process.exit(3)`, /exit code 3/u],
    ['throws', `throw new Error('canary')`, /exit code 1/u],
    ['is ended', `console.error('canary'); process.kill(process.pid, 'SIGTERM')`, /SIGTERM/u],
  ])('that %s is told of without what it printed', async (_name, script, told) => {
    expect(await complaint({ path: plugin(script), environment: {} })).toMatch(told)
  })

  test.each([
    ['is not there', { command: '/nonexistent/canary' }],
    ['is empty', { command: '' }],
    ['cannot be given to a process', { command: 'canary\u0000' }],
  ])('whose command %s is told of without the command', async (_name, more) => {
    await complaint({ path: plugin('', more), environment: {} })
  })

  test('is asked again once what it gave has expired', async () => {
    const script = `console.log(JSON.stringify({ status: { token: String(process.hrtime.bigint()), expirationTimestamp: process.env.EXPIRES } }))`
    const tokensUntil = async (value: string) => {
      const asked = source({
        path: plugin(script, { env: [{ name: 'EXPIRES', value }] }),
        environment: {},
      })
      return new Set(
        [await asked.read(false), await asked.read(false)].map(({ headers }) => headers['authorization']),
      ).size
    }
    expect(await tokensUntil('2001-01-01T00:00:00Z')).toBe(2)
    expect(await tokensUntil('2999-01-01T00:00:00Z')).toBe(1)
  })

  test('is found beside the kubeconfig where its path is relative, wherever the program runs', async () => {
    writeFileSync(file('beside.sh'), `#!/bin/sh\necho '{"status": {"token": "beside"}}'\n`, { mode: 0o700 })
    const { headers } = await read(plugin('', { command: './beside.sh', args: [] }))
    expect(headers).toEqual({ authorization: 'Bearer beside' })
  })

  test('gives a client certificate, too', async () => {
    const script = `console.log(JSON.stringify({ status: { clientCertificateData: 'CERT', clientKeyData: 'KEY' } }))`
    const { tls } = await read(plugin(script))
    expect([tls.cert, tls.key]).toEqual(['CERT', 'KEY'])
  })
})
