import { describe, expect, it } from 'vitest'
import {
  json,
  raw,
  resetAfterRead,
  startScriptedServer,
  type ScriptedReply,
} from '../../rigs/proxy/scripted-server.ts'
import {
  twilioAt,
  create,
  CREDENTIAL,
  everythingOf,
  failureOf,
  NEW_SINK,
  CALLED_SINK,
  update,
} from './twilio-under-test.ts'

const basic = Buffer.from(`${CREDENTIAL.username}:${CREDENTIAL.password}`).toString('base64')
const ofCredential = [CREDENTIAL.password, basic, Buffer.from(CREDENTIAL.password).toString('base64')]
const ofConfiguration = ['canary', 'warehouse.example.com', Buffer.from('canary-password').toString('base64')]

/** Everything that Twilio could send back of what it was sent. */
const echo = [
  `Bad ${NEW_SINK.configuration.destination}`,
  encodeURIComponent(NEW_SINK.configuration.destination),
  JSON.stringify(NEW_SINK.configuration),
  `Basic ${basic}`,
  CREDENTIAL.password,
  Buffer.from(CREDENTIAL.password).toString('base64'),
  'canary-password',
  'token=canary-query',
].join(' | ')

const replies: Record<string, ScriptedReply> = {
  'a classic error': json(400, {
    code: 91000,
    message: echo,
    more_info: `https://evil.example/${basic}`,
    status: 400,
  }),
  'an RFC 9457 error': json(400, {
    type: 'about:blank',
    title: echo,
    detail: echo,
    status: 400,
    code: 91000,
  }),
  'an error of API standards v1.0': json(400, {
    code: 91000,
    message: echo,
    httpStatusCode: 400,
    params: { echo },
  }),
  'a page of a proxy': raw(502, `<html>${echo}</html>`),
  'a sink that is none': json(201, { sid: echo, description: echo }),
  'a status line': (_seen, response) => void response.writeHead(400, echo.slice(0, 20)).end(echo),
  'a request id': raw(503, '', { 'twilio-request-id': basic }),
  'a link': json(400, {
    code: 91000,
    message: 'x',
    more_info: `https://www.twilio.com/?q=${basic}`,
    status: 400,
  }),
  'a reset': resetAfterRead,
}

describe('a failure', () => {
  it.each(Object.entries(replies))('holds no secret after %s', async (_name, reply) => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(reply)
    const failure = await failureOf(create(under.account))
    expect(failure.message.length).toBeLessThanOrEqual(256)
    const everything = `${everythingOf(failure)}${JSON.stringify(under.observed)}`
    expect([...ofCredential, ...ofConfiguration].filter((secret) => everything.includes(secret))).toEqual([])
  })

  it.each(Object.entries(replies))('of another call holds no credential after %s', async (_name, reply) => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(reply)
    const failures = [
      await failureOf(under.account.listSinks()),
      await failureOf(under.account.fetchSink(CALLED_SINK)),
      await failureOf(update(under.account, CALLED_SINK, 'x')),
    ]
    const everything = failures.map(everythingOf).join('') + JSON.stringify(under.observed)
    expect(ofCredential.filter((secret) => everything.includes(secret))).toEqual([])
  })

  it('is observed with what metrics and logs need, once a request', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    const headers = { 'twilio-request-id': `RQ${'0'.repeat(32)}` }
    server.script(json(400, { code: 91000, message: 'x', status: 400 }, headers))
    const failure = await failureOf(create(under.account))
    expect(failure.requestId).toBe(headers['twilio-request-id'])
    expect(under.observed).toEqual([
      {
        account: 'shop/default',
        operation: 'CreateSink',
        status: 400,
        code: 91000,
        kind: 'refused',
        durationMs: expect.any(Number),
        requestId: headers['twilio-request-id'],
        throttled: false,
      },
    ])
  })
})
