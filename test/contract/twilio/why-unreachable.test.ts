import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { pollFailureMessage } from '../../../src/reconciler/account/poll-failure.ts'
import { CREDENTIAL, everythingOf, failureOf, twilioAt } from './twilio-under-test.ts'

/** What stands in the condition of a TwilioAccount, for what can be wrong on the way to Twilio, on real sockets. */

async function listing(baseUrl: string): Promise<string> {
  await using under = twilioAt(baseUrl)
  const failure = await failureOf(under.account.listSinks())
  const { password } = CREDENTIAL
  expect(`${everythingOf(failure)}${pollFailureMessage(failure)}`).not.toContain(password)
  return pollFailureMessage(failure)
}

async function at<T>(listener: RequestListener, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const PAGE = '<!doctype html><title>Sign in to canary-auth-token-0123456789</title>'
const NOT_FOUND = JSON.stringify({
  code: 20404,
  message: 'The requested resource was not found',
  status: 404,
})

describe('an account that cannot be listed says why', () => {
  it.each([
    { what: 'a redirect to a login page', status: 302, expected: /transient: HTTP status 302 .*redirect/u },
    {
      what: 'a path that is not there',
      status: 404,
      body: PAGE,
      expected: /HTTP status 404 .*HTML.*--twilio-base-url/u,
    },
    { what: 'a base URL with /v1', status: 404, body: NOT_FOUND, expected: /20404 .*without \/v1/u },
    { what: 'a proxy without credentials', status: 407, expected: /HTTP status 407 .*proxy that asks for/u },
    { what: 'a page of a proxy', status: 503, body: PAGE, expected: /HTTP status 503 .*HTML page/u },
    { what: 'a page with status 200', status: 200, body: PAGE, expected: /HTTP status 200.*HTML page/u },
  ])('$what', async ({ status, body = '', expected }) => {
    const headers = { 'content-type': body === PAGE ? 'text/html' : 'application/json', location: '/login' }
    const message = await at((_, response) => response.writeHead(status, headers).end(body), listing)
    expect(message).toMatch(expected)
    expect(message, 'it has answered').not.toMatch(/not answered|no answer/u)
  })

  it('a refused connection, with its code and what to look at', async () => {
    const port = await at(
      () => undefined,
      async (url) => new URL(url).port,
    )
    expect(await listing(`http://127.0.0.1:${port}`)).toMatch(/not-sent: .*ECONNREFUSED.*egress rules/u)
  })

  it('a name that cannot be resolved', async () => {
    expect(await listing('https://nowhere.invalid')).toMatch(/not-sent: .*(ENOTFOUND|EAI_AGAIN).*DNS/u)
  })

  it('TLS that fails, with the code that people search for', async () => {
    const server = createTcpServer((socket) =>
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n').on('error', () => undefined),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const message = await listing(`https://127.0.0.1:${port}`)
    server.close()
    expect(message).toMatch(/not-sent: .*\b(ERR_SSL_\w+|ECONNRESET|EPROTO)\b.*certificates/u)
  })
})
