import { describe, expect, it } from 'vitest'
import { readMark } from '../../../src/external/ownership-mark.ts'
import { json, raw, startScriptedServer, type ScriptedReply } from '../../rigs/proxy/scripted-server.ts'
import {
  twilioAt,
  everythingOf,
  failureOf,
  NEW_SINK,
  never,
  sinkBody,
  CALLED_SINK,
} from './twilio-under-test.ts'
import { processorMs } from '../../unit/processor-time.ts'

/**
 * Everybody with an account, or with a place in between, can write these: none may stop the operator or be repeated by
 * it.
 */
const MARK = '[k8s:abcdef/abcdefghijkl/7]'
/** A pattern that is tried at each place of such a text takes minutes. */
const LONG = 150_000
const QUICKLY_MS = 2_000

const WHERE_IT_WAS_READ = new RegExp(`^http://127\\.0\\.0\\.1:\\d+/v1/Sinks/${CALLED_SINK}$`, 'u')

const listOf = (changes: Record<string, unknown>) =>
  json(200, { sinks: [sinkBody(changes)], meta: { next_page_url: null } })

async function readOne(reply: ScriptedReply) {
  await using server = await startScriptedServer()
  await using under = twilioAt(server.url)
  server.script(reply)
  const began = processorMs()
  const { sinks } = await under.account.listSinks()
  const [sink] = sinks
  if (sink === undefined) return expect.unreachable('The LIST has no sink')
  const { mark } = readMark(sink.description)
  expect(processorMs() - began).toBeLessThan(QUICKLY_MS)
  return { sink, mark }
}

describe('a sink of somebody', () => {
  it.each([
    ['blanks', ' '],
    ['blanks between letters', 'a '],
    ['letters', 'a'],
    ['beginnings of marks', '[k8s:'],
    ['marks', MARK],
    ['line breaks', '\n'],
    ['U+2028', '\u2028'],
  ])('with a description of %s is read at once, and the mark at its end is found', async (_name, unit) => {
    const description = `x${unit.repeat(LONG / unit.length)} ${MARK}   `
    const { sink, mark } = await readOne(listOf({ description }))
    expect(mark?.number).toBe(7)
    expect(sink.description.length).toBeLessThan(3_000)
  })

  it('keeps a description whole that a person could have written', async () => {
    const description = `${'Orders for the warehouse. '.repeat(80)}${MARK}`
    expect((await readOne(listOf({ description }))).sink.description).toBe(description)
  })

  it('has no text that is longer than a status takes, none with a control character, and no strange link', async () => {
    const hostile = `canary\u0000\u202e\n${'x'.repeat(100_000)}`
    const { sink } = await readOne(
      listOf({
        status: hostile,
        sink_type: hostile,
        date_created: hostile,
        date_updated: hostile,
        url: hostile,
      }),
    )
    for (const text of [sink.status, sink.sinkType]) {
      expect(text.length).toBeLessThanOrEqual(64)
      expect(text).not.toMatch(/\p{C}/u)
    }
    expect([sink.dateCreated, sink.dateUpdated]).toEqual(['', ''])
    expect(sink.url).toMatch(WHERE_IT_WAS_READ)
  })

  it.each([
    'https://events.twilio.com.evil.example/v1/Sinks/',
    'https://user:canary@events.twilio.com/v1/Sinks/',
    'https://events.twilio.com/canary?x=/Sinks/',
    'javascript:/Sinks/',
    'https://upstream.example.com/v1/Sinks/',
  ])('shows no URL such as %s, but where the sink was read: it bears out the SID', async (url) => {
    expect((await readOne(listOf({ url: `${url}${CALLED_SINK}` }))).sink.url).toMatch(WHERE_IT_WAS_READ)
  })

  it('links to no other sink than itself', async () => {
    const url = `https://events.twilio.com/v1/Sinks/DG${'9'.repeat(32)}`
    expect((await readOne(listOf({ url }))).sink.url).toMatch(WHERE_IT_WAS_READ)
  })

  it('is linked to where a mirror serves it, in every answer about it', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(`${server.url}/twilio/`)
    const body = sinkBody({ url: `https://upstream.example.com/v1/Sinks/${CALLED_SINK}` })
    server.script(json(201, body), json(200, body))
    const { account } = under
    const answers = [
      await account.writes.withCreateSlot((post) => post(NEW_SINK, never)),
      await account.fetchSink(CALLED_SINK),
      await account.writes.withChangeSlot((change) => change.updateDescription(CALLED_SINK, 'x', never)),
    ]
    const here = `${server.url}/twilio/v1/Sinks/${CALLED_SINK}`
    expect(answers.map(({ url }) => url)).toEqual([here, here, here])
  })

  it('with a configuration that is nested deeper than the stack is one that says nothing there', async () => {
    const deep = `${'['.repeat(LONG)}${']'.repeat(LONG)}`
    const body = JSON.stringify({ sinks: [sinkBody()], meta: { next_page_url: null } })
    const reply = raw(200, body.replace('"post"', deep), { 'content-type': 'application/json' })
    expect((await readOne(reply)).sink.configuration['method']).toBeNull()
  })
})

describe('a refusal', () => {
  it.each([100, 25_000, 100_000])(
    'stays certain although it quotes a secret of %d characters, and keeps it to itself',
    async (length) => {
      await using server = await startScriptedServer()
      await using under = twilioAt(server.url)
      const secret = 'canary('.repeat(Math.ceil(length / 7))
      const message = `Cannot use ${secret}`
      server.script(
        json(400, { code: 91000, message, more_info: `https://www.twilio.com/${secret}`, status: 400 }),
      )
      const sink = { ...NEW_SINK, sinkType: 'segment', configuration: { write_key: secret } }
      const failure = await failureOf(under.account.writes.withCreateSlot((post) => post(sink, never)))
      expect(failure).toMatchObject({ kind: 'refused', code: 91000 })
      expect(server.seen).toHaveLength(1)
      expect(everythingOf(failure)).not.toContain('canary')
    },
  )

  it('says what the code means in words of our own, and keeps those of Twilio apart', async () => {
    await using server = await startScriptedServer()
    await using under = twilioAt(server.url)
    server.script(json(400, { code: 91005, message: 'canary-words', status: 400 }))
    const failure = await failureOf(under.account.probe.validate(CALLED_SINK, 'x'))
    expect(failure.words).toBe('canary-words')
    expect(failure.message).not.toContain('canary')
    expect(failure.message).not.toBe('')
  })
})

describe('a result of Test or Validate', () => {
  it.each(['canary1', 'https://canary.example/x', 'c'.repeat(100), 'to 7\nyou', '{"a":"canary"}'])(
    'that is no plain word is none: %j',
    async (result) => {
      await using server = await startScriptedServer()
      await using under = twilioAt(server.url)
      server.script(json(201, { result }))
      expect(await under.account.probe.sendTest(CALLED_SINK)).toBe('')
    },
  )
})
