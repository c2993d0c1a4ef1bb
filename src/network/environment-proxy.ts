import { BlockList, isIP } from 'node:net'

type Environment = Readonly<Record<string, string | undefined>>

/** The message is one line for people. It names the variable and does not quote its value, which may hold a password. */
export class UnusableProxy extends Error {
  override readonly name = 'UnusableProxy'
}

/**
 * The proxy that the environment wants for requests to `target`; undefined: none. `HTTPS_PROXY`, `HTTP_PROXY` and
 * `NO_PROXY`, or their names in lower case, are read as kubectl reads them, which is Go's net/http/httpproxy: so
 * `NO_PROXY` may hold blocks of addresses, and localhost is always reached directly. But a proxy that cannot be
 * understood is not ignored: throws {@link UnusableProxy}.
 */
export function environmentProxy(environment: Environment, target: URL): URL | undefined {
  const { name, value } = variableOf(environment, target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY')
  if (value === '') return undefined
  const proxy = proxyUrl(value)
  if (proxy === undefined) throw new UnusableProxy(`${name} in the environment ${PROXY_EXPECTED}`)
  return isReachedDirectly(variableOf(environment, 'NO_PROXY').value, hostOf(target)) ? undefined : proxy
}

/** The one in capitals goes first, and an empty one is as if it were not there. */
function variableOf(environment: Environment, capitals: string): Variable {
  const variables = [capitals, capitals.toLowerCase()].map((name) => ({
    name,
    value: environment[name] ?? '',
  }))
  return variables.find(({ value }) => value !== '') ?? { name: capitals, value: '' }
}

interface Variable {
  readonly name: string
  readonly value: string
}

export const PROXY_EXPECTED =
  'must be the URL of an HTTP proxy, such as http://proxy.example.com:3128; special characters in its password are ' +
  'percent-encoded'

/** Undefined where a text is not {@link PROXY_EXPECTED}. Without a scheme http is meant. */
export function proxyUrl(text: string): URL | undefined {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined
  // A slash, ? or # in a password ends the host, of which a message would then show a part of the password.
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return undefined
  try {
    decodeURIComponent(url.username + url.password)
    return url
  } catch {
    return undefined
  }
}

interface Host {
  readonly name: string
  readonly port: string
}

function hostOf(url: URL): Host {
  const usual = url.protocol === 'https:' ? '443' : '80'
  return { name: url.hostname.replaceAll(/^\[|\]$/gu, ''), port: url.port === '' ? usual : url.port }
}

function isReachedDirectly(noProxy: string, host: Host): boolean {
  if (host.name === 'localhost' || isInBlock('127.0.0.0/8', host.name) || isInBlock('::1/128', host.name))
    return true
  const entries = noProxy.split(',').map((entry) => entry.trim().toLowerCase())
  return entries.some((entry) => entry === '*' || isInBlock(entry, host.name) || isNamedBy(entry, host))
}

/** Whether `name` is an address of a block such as `10.0.0.0/8`. */
function isInBlock(block: string, name: string): boolean {
  const [first = '', length = ''] = block.split('/')
  const family = isIP(first)
  if (family === 0 || isIP(name) === 0 || !/^\d{1,3}$/u.test(length)) return false
  if (Number(length) > (family === 4 ? 32 : 128) || isVersion4(first) !== isVersion4(name)) return false
  const addresses = new BlockList()
  addresses.addSubnet(first, Number(length), familyName(first))
  return addresses.check(name, familyName(name))
}

const MAPPED = new BlockList()
MAPPED.addSubnet('::ffff:0:0', 96, 'ipv6')

/** Also one that is written in IPv6: `::/0` stands for no address of IPv4. */
const isVersion4 = (address: string): boolean => isIP(address) === 4 || MAPPED.check(address, 'ipv6')

const familyName = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** `example.com` stands for its subdomains, too; `.example.com` and `*.example.com` for these alone. */
function isNamedBy(entry: string, host: Host): boolean {
  const { name, port } = nameAndPort(entry)
  if (name === '' || (port !== '' && port !== host.port)) return false
  if (isIP(name) > 0) return isInBlock(`${name}/${isIP(name) === 4 ? 32 : 128}`, host.name)
  if (isIP(host.name) > 0) return false
  const suffix = name.startsWith('*.') ? name.slice(1) : name
  if (suffix.startsWith('.')) return host.name.endsWith(suffix)
  return host.name === suffix || host.name.endsWith(`.${suffix}`)
}

/** An IPv6 address has a port only behind brackets. */
function nameAndPort(entry: string): Host {
  const [, bracketed, plain, port = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/u.exec(entry) ?? []
  return { name: bracketed ?? plain ?? entry, port }
}
