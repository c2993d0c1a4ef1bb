import { mkdtempSync, appendFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readMachineTime, readProcessTime, readResident } from '../../bench/meters.ts'
import { requestKind, RequestLog } from '../../bench/request-log.ts'

describe('what Linux tells', () => {
  it('of the machine: what programs and the host used, without interrupts', () => {
    const stat = 'cpu  100 20 30 1000 50 7 3 40 9 9\ncpu0 50 10 15 500 25 4 1 20 4 5\nintr 1 2\n'
    expect(readMachineTime(stat)).toEqual({ used: 1.9, all: 12.5 })
  })

  it('of a process: its time and that of its children, whatever it is called', () => {
    const fields = ['S', 1, 2, 2, 0, -1, 4194560, 9, 0, 0, 0, 150, 50, 30, 20, 20, 0]
    expect(readProcessTime(`77 (a (b) c) ${fields.join(' ')}`)).toBe(2.5)
    expect(readProcessTime('')).toBe(0)
  })

  it('of the memory of a process', () => {
    expect(readResident('VmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\n')).toBe(100)
    expect(readResident('')).toBe(0)
  })
})

const line = (verb: string, uri: string, more: object = {}): string =>
  JSON.stringify({ verb, requestURI: uri, userAgent: 'operator/0.1.0', ...more })
const status = { objectRef: { resource: 'sinks', subresource: 'status', name: 'a' } }

describe('a request', () => {
  it('has a kind, without names', () => {
    expect(requestKind(line('patch', '/apis/x/sinks/a/status', status), 'operator')).toBe(
      'patch sinks/status',
    )
    expect(requestKind(line('list', '/apis/x/sinks', { objectRef: { resource: 'sinks' } }), 'operator')).toBe(
      'list sinks',
    )
    expect(requestKind(line('get', '/openapi/v3/apis/x?hash=1'), 'operator')).toBe('get /openapi/v3/apis/x')
  })

  it('of somebody else has none', () => {
    expect(requestKind(line('get', '/api', { userAgent: 'kubectl' }), 'operator')).toBeUndefined()
    // The name of the client is in it, but it did not ask.
    expect(requestKind(line('get', '/api/operator', { userAgent: 'kubectl' }), 'operator')).toBeUndefined()
  })
})

describe('the log of requests', () => {
  const folder = mkdtempSync(join(tmpdir(), 'twilio-sink-operator-bench-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('counts each line once, and half a line when it is whole', async () => {
    const path = join(folder, 'audit.log')
    const written = `${line('patch', '/apis/x/sinks/a/status', status)}\n`
    appendFileSync(path, written + written.slice(0, 20))
    const log = new RequestLog(path, 'operator')
    expect(await log.counts()).toEqual({ 'patch sinks/status': 1 })
    appendFileSync(path, written.slice(20))
    expect(await log.counts()).toEqual({ 'patch sinks/status': 2 })
    expect(await log.counts()).toEqual({ 'patch sinks/status': 2 })
  })
})
