import { createServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { Connect } from '../../../src/network/tunnel.ts'
import { createConnect } from '../../../src/twilio/http/connection.ts'
import { sendOneShot } from '../../../src/twilio/http/one-shot-request.ts'

/** Takes connections and answers nothing; tells of each, once it has ended, how many bytes came. */
async function startSilentServer() {
  const ended: Promise<number>[] = []
  const server = createServer((socket) => {
    ended.push(
      new Promise((resolve) => {
        let bytes = 0
        socket.on('data', (chunk) => (bytes += chunk.length))
        socket.on('error', () => undefined)
        socket.on('close', () => resolve(bytes))
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    received: async () => (await Promise.all(ended)).reduce((sum, one) => sum + one, 0),
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

/** Calls `then` so many turns of the microtask queue after a connection stands. */
function connectAnd(then: () => void, turns: number): Connect {
  const connect = createConnect(5_000, undefined)
  const after = (left: number): void => {
    if (left === 0) then()
    else queueMicrotask(() => after(left - 1))
  }
  return (options, callback) => {
    connect(options, (...[failure, socket]) => {
      if (failure === null) callback(null, socket)
      else callback(failure, null)
      after(turns)
    })
  }
}

test.each(Array.from({ length: 24 }, (_one, turns) => turns))(
  'a request given up %i turns after its connection stood is not sent exactly when no byte has left',
  async (turns) => {
    await using server = await startSilentServer()
    const end = new AbortController()
    const exchange = await sendOneShot({
      origin: server.origin,
      connect: connectAnd(() => end.abort(new Error('given up')), turns),
      request: { method: 'POST', path: '/v1/Sinks', headers: {}, body: 'Description=x', maxBytes: 1_000 },
      begin: () => undefined,
      signal: end.signal,
    })
    const received = await server.received()
    expect(exchange.end).not.toBe('answered')
    if (exchange.end === 'not-sent') expect(received).toBe(0)
    if (received === 0) expect(exchange.end).toBe('not-sent')
  },
)

test('a request that was given up before is not sent', async () => {
  await using server = await startSilentServer()
  const exchange = await sendOneShot({
    origin: server.origin,
    connect: createConnect(5_000, undefined),
    request: { method: 'DELETE', path: '/v1/Sinks/x', headers: {}, body: undefined, maxBytes: 1_000 },
    begin: () => undefined,
    signal: AbortSignal.abort(new Error('given up')),
  })
  expect(exchange.end).toBe('not-sent')
})
