import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { simulatorAdmin } from './admin.ts'
import { apiCaller, DEMO_CREDENTIAL, webhookForm } from './api-caller.ts'

const program = fileURLToPath(new URL('main.ts', import.meta.url))
const account = `AC${'5'.repeat(32)}`
const key = `SK${'5'.repeat(32)}`
const started: ChildProcess[] = []

afterEach(() => {
  for (const child of started.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
})

function start(...flags: string[]) {
  const child = spawn(process.execPath, [program, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  return child
}

/** The URL on the line that the program prints when it listens. */
async function urlOf(child: ReturnType<typeof start>): Promise<string> {
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  return /http:\/\/\S+/.exec(chunk.toString())?.[0] ?? ''
}

async function ended(child: ReturnType<typeof start>) {
  const [[code], out, err] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)])
  return { code: code as number, out, err }
}

describe('npm run simulator', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'serves the demo account until %s, also while a call waits',
    async (signal) => {
      const child = start('--port', '0')
      const url = await urlOf(child)
      expect((await apiCaller(url)('GET', '/v1/Sinks')).status).toBe(200)
      await simulatorAdmin(url).addFault({ kind: 'hang' })
      const waiting = apiCaller(url)('GET', '/v1/Sinks').catch(() => 'no answer')
      await expect.poll(async () => (await simulatorAdmin(url).journal()).length).toBe(2)
      child.kill(signal)
      expect((await ended(child)).code).toBe(0)
      expect(await waiting).toBe('no answer')
    },
  )

  test('serves the accounts, keys and settings it is given instead', async () => {
    const flags = ['--account', `${account}:token`, '--api-key', `${account}:${key}:se:cret`]
    const url = await urlOf(start('--port', '0', ...flags, '--settings', '{"statusAfterCreate":"failed"}'))
    const call = apiCaller(url)
    expect((await call('GET', '/v1/Sinks', { as: DEMO_CREDENTIAL })).status).toBe(401)
    const made = await call('POST', '/v1/Sinks', { form: webhookForm, as: `${account}:token` })
    expect(made.body.status).toBe('failed')
    const listed = await call('GET', '/v1/Sinks', { as: `${key}:se:cret` })
    expect(listed.body.sinks.map(({ sid }) => sid)).toEqual([made.body.sid])
  })

  test('prints each call as JSON when asked to, without the configuration', async () => {
    const child = start('--port', '0', '--log')
    const url = await urlOf(child)
    const line = once(child.stdout, 'data')
    await apiCaller(url)('POST', '/v1/Sinks', { form: webhookForm })
    const [chunk] = (await line) as [Buffer]
    expect(JSON.parse(chunk.toString())).toMatchObject({ operation: 'CreateSink', status: 201 })
    expect(chunk.toString()).not.toContain('warehouse')
  })

  test('a wrong flag: one clear line and exit code 2, before anything listens', async () => {
    const { code, out, err } = await ended(start('--port', '0', '--nonsense'))
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^simulator: .+\n$/)
  })

  test('a port in use: one clear line and exit code 1', async () => {
    const { port } = new URL(await urlOf(start('--port', '0')))
    const { code, err } = await ended(start('--port', port))
    expect(code).toBe(1)
    expect(err).toMatch(/^simulator: .+\n$/)
  })

  test('--help names every flag', async () => {
    const { code, out } = await ended(start('--help'))
    expect(code).toBe(0)
    for (const flag of ['--port', '--host', '--account', '--api-key', '--settings', '--log'])
      expect(out).toContain(flag)
  })
})
