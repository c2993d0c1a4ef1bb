import { execFile, type ExecFileException } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { json, startScriptedServer, type ScriptedServer } from '../../rigs/proxy/scripted-server.ts'
import { CALLING_SID, numberedSid, sinkPage } from '../twilio/twilio-under-test.ts'

const META = { uid: 'u', resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' }
const SPEC = { description: 'Orders', webhook: { destination: 'https://a.example.com' } }
const listed = (name: string, spec: object, status: object) => ({
  metadata: { ...META, namespace: 'shop', name },
  spec: { ...SPEC, ...spec },
  status,
})

/** One has recorded the sink 1, one is to import 2, and one that cannot be read has recorded 3. */
const OBJECTS = [
  listed('made', {}, { sid: numberedSid(1) }),
  listed('imports', { import: { sid: numberedSid(2) }, deletionPolicy: 'Orphan' }, {}),
  listed('odd', { webhook: 7 }, { sid: numberedSid(3) }),
]

let twilio: ScriptedServer
let cluster: Server
let status = 200
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skip-imported-'))
  twilio = await startScriptedServer()
  const none = { subscriptions: [], meta: { next_page_url: null } }
  twilio.script((seen, response, socket) =>
    json(200, seen.url.startsWith('/v1/Subscriptions') ? none : sinkPage([1, 2, 3, 4]))(
      seen,
      response,
      socket,
    ),
  )
  cluster = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: OBJECTS }))
  })
  await new Promise<void>((resolve) => cluster.listen(0, '127.0.0.1', resolve))
  const server = `http://127.0.0.1:${(cluster.address() as AddressInfo).port}`
  const config = {
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: {} }],
  }
  writeFileSync(join(folder, 'kubeconfig'), JSON.stringify(config))
})

afterAll(async () => {
  await twilio[Symbol.asyncDispose]()
  cluster.closeAllConnections()
  cluster.close()
  rmSync(folder, { recursive: true })
})

function exported(output: string, ...more: readonly string[]) {
  const words = ['src/main.ts', 'export', '--twilio-base-url', twilio.url, '--output', join(folder, output)]
  const env = { TWILIO_ACCOUNT_SID: CALLING_SID, TWILIO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef' }
  return new Promise<{ error: ExecFileException | null; told: string }>((resolve) => {
    execFile(process.execPath, [...words, ...more], { env }, (error, stdout, stderr) =>
      resolve({ error, told: `${stdout}${stderr}` }),
    )
  })
}

const WITH = ['--skip-imported', '--kubeconfig'] as const

function sidsIn(output: string): string[] {
  const objects = loadAll(readFileSync(join(folder, output, 'sinks.yaml'), 'utf8'))
  return objects.map((object) => (object as { spec: { import: { sid: string } } }).spec.import.sid)
}

test('an export that may ask the cluster leaves out what Sinks there import or have, and says whose it is', async () => {
  const { error, told } = await exported('new', ...WITH, join(folder, 'kubeconfig'))
  expect(error, told).toBeNull()
  expect(sidsIn('new')).toEqual([numberedSid(4)])
  for (const [number, name] of [
    [1, 'made'],
    [2, 'imports'],
    [3, 'odd'],
  ] as const)
    expect(told).toContain(`${numberedSid(number)}: left out: the Sink shop/${name} imports it already`)
})

test('an export that may not ask needs no cluster and writes all', async () => {
  const { error, told } = await exported('all')
  expect(error, told).toBeNull()
  expect(sidsIn('all').sort()).toEqual([1, 2, 3, 4].map(numberedSid))
})

test.each([
  [
    'the API server does not answer so',
    403,
    'kubeconfig',
    /Sinks of all namespaces cannot be listed: .*403/u,
  ],
  ['there is no kubeconfig', 200, 'missing', /The kubeconfig .*missing cannot be read/u],
])('an export writes nothing when it is to ask and %s', async (_why, answered, kubeconfig, told) => {
  status = answered
  const end = await exported('none', ...WITH, join(folder, kubeconfig))
  status = 200
  expect(end.error?.code).toBe(1)
  expect(end.told).toMatch(told)
  expect(() => sidsIn('none')).toThrow('ENOENT')
})
