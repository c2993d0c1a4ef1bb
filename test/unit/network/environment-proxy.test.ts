import { describe, expect, test } from 'vitest'
import { environmentProxy, UnusableProxy } from '../../../src/network/environment-proxy.ts'

type Environment = Readonly<Record<string, string>>

const proxyFor = (target: string, environment: Environment): string | undefined =>
  environmentProxy(environment, new URL(target))?.href

const TWILIO = 'https://events.twilio.com'
const PROXY = 'http://proxy.example.com:3128/'

describe('the proxy of the environment', () => {
  test.each<[why: string, environment: Environment, target: string, proxy: string | undefined]>([
    ['there is none', {}, TWILIO, undefined],
    ['HTTPS_PROXY is for https', { HTTPS_PROXY: PROXY }, TWILIO, PROXY],
    ['it may be in lower case', { https_proxy: PROXY }, TWILIO, PROXY],
    ['the one in capitals goes first', { HTTPS_PROXY: PROXY, https_proxy: 'http://b' }, TWILIO, PROXY],
    ['an empty one is not there', { HTTPS_PROXY: '', https_proxy: PROXY }, TWILIO, PROXY],
    ['HTTP_PROXY is not for https', { HTTP_PROXY: PROXY, http_proxy: PROXY }, TWILIO, undefined],
    ['HTTP_PROXY is for http', { HTTP_PROXY: PROXY, HTTPS_PROXY: 'http://b' }, 'http://a.example', PROXY],
    ['ALL_PROXY is for other programs', { ALL_PROXY: PROXY }, TWILIO, undefined],
    ['a scheme may be left out', { HTTPS_PROXY: 'proxy.example.com:3128' }, TWILIO, PROXY],
    ['it may be reached by TLS', { HTTPS_PROXY: 'https://proxy:8443' }, TWILIO, 'https://proxy:8443/'],
    ['localhost needs none', { HTTPS_PROXY: PROXY }, 'https://localhost:6443', undefined],
    ['127.0.0.1 needs none', { HTTPS_PROXY: PROXY }, 'https://127.0.0.1:6443', undefined],
    ['127.1.2.3 needs none', { HTTP_PROXY: PROXY }, 'http://127.1.2.3', undefined],
    ['::1 needs none', { HTTPS_PROXY: PROXY }, 'https://[::1]:6443', undefined],
  ])('%s', (_why, environment, target, proxy) => {
    expect(proxyFor(target, environment)).toBe(proxy)
  })

  test.each([
    'socks5://proxy:1080',
    'http://me:geheim/1@proxy:3128',
    'http://me:12/geheim@proxy:3128',
    'http://me:12#geheim@proxy:3128',
    'http://me:12?geheim@proxy:3128',
    'http://me:%ZZgeheim@proxy:3128',
    'ftp://geheim',
    'geheim geheim',
    '://geheim',
  ])('%j is refused, not ignored, and not repeated, since it may hold a password', (written) => {
    const read = (): unknown => environmentProxy({ https_proxy: written }, new URL(TWILIO))
    expect(read).toThrow(UnusableProxy)
    expect(read).toThrow(/^https_proxy in the environment (?!.*geheim)/u)
  })
})

/** Each line was put to Go's net/http/httpproxy, too, which kubectl reads the environment with. */
const DIRECT: readonly (readonly [noProxy: string, target: string, direct: boolean])[] = [
  ['', TWILIO, false],
  ['*', TWILIO, true],
  ['a.example, * ,b.example', TWILIO, true],
  ['*:443', TWILIO, false],
  ['twilio.com', TWILIO, true],
  ['TWILIO.com', TWILIO, true],
  [' twilio.com ', TWILIO, true],
  ['example.com,twilio.com', TWILIO, true],
  ['example.com twilio.com', TWILIO, false],
  ['events.twilio.com', TWILIO, true],
  ['events.twilio.com:443', TWILIO, true],
  ['events.twilio.com:8443', TWILIO, false],
  ['events.twilio.com:', TWILIO, true],
  ['.twilio.com', TWILIO, true],
  ['.twilio.com', 'https://twilio.com', false],
  ['*.twilio.com', TWILIO, true],
  ['*.twilio.com', 'https://twilio.com', false],
  ['ilio.com', TWILIO, false],
  ['*twilio.com', TWILIO, false],
  ['com', TWILIO, true],
  ['.', TWILIO, false],
  [',,', TWILIO, false],
  [':443', TWILIO, false],
  ['.svc', 'https://kubernetes.default.svc', true],
  ['.svc', 'https://kubernetes.default.svc.cluster.local', false],
  ['.svc,.cluster.local', 'https://kubernetes.default.svc.cluster.local', true],
  ['svc', 'https://kubernetes.default.svc:6443', true],
  ['10.0.0.0/8', 'https://10.96.0.1', true],
  ['10.1.2.3/8', 'https://10.96.0.1', true],
  ['10.96.0.0/16', 'https://10.97.0.1', false],
  ['10.0.0.0/33', 'https://10.0.0.0', false],
  ['10.0.0.0/', 'https://10.0.0.0', false],
  ['0.0.0.0/0', 'https://10.0.0.1', true],
  ['0.0.0.0/0', TWILIO, false],
  ['10.96.0.1', 'https://10.96.0.1', true],
  ['10.96.0.1:6443', 'https://10.96.0.1', false],
  ['10.96.0.1:443', 'https://10.96.0.1', true],
  ['10.96.0', 'https://10.96.0.1', false],
  ['.96.0.1', 'https://10.96.0.1', false],
  ['*.0.1', 'https://10.96.0.1', false],
  ['fd00::/8', 'https://[fd00::1]:6443', true],
  ['::/0', 'https://[fd00::1]:6443', true],
  ['::/0', 'https://10.96.0.1:6443', false],
  ['::/0', 'https://[::ffff:10.96.0.1]:6443', false],
  ['::ffff:10.0.0.0/104', 'https://10.96.0.1:6443', true],
  ['10.0.0.0/8', 'https://[::ffff:10.96.0.1]:6443', true],
  ['fd00::1', 'https://[fd00::1]:6443', true],
  ['fd00:0::1', 'https://[fd00::1]:6443', true],
  ['[fd00::1]:6443', 'https://[fd00::1]:6443', true],
  ['[fd00::1]:443', 'https://[fd00::1]:6443', false],
  ['fd00::2', 'https://[fd00::1]:6443', false],
]

test.each(DIRECT)('NO_PROXY=%j means that %s is reached directly: %j', (noProxy, target, direct) => {
  for (const name of ['NO_PROXY', 'no_proxy'])
    expect(proxyFor(target, { HTTPS_PROXY: PROXY, [name]: noProxy })).toBe(direct ? undefined : PROXY)
})
