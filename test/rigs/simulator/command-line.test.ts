import { describe, expect, test } from 'vitest'
import { DEMO_ACCOUNT } from './accounts.ts'
import { readCommandLine } from './command-line.ts'

const account = `AC${'5'.repeat(32)}`
const key = `SK${'5'.repeat(32)}`

describe('flags of the simulator', () => {
  test('without any, the demo account on port 8089 of the loopback', () => {
    expect(readCommandLine([])).toMatchObject({
      port: 8089,
      host: '127.0.0.1',
      accounts: [DEMO_ACCOUNT],
      log: false,
    })
  })

  test('a key alone leaves the demo account', () => {
    const read = readCommandLine(['--api-key', `${account}:${key}:se:cret`])
    expect(read).toMatchObject({
      accounts: [DEMO_ACCOUNT, { sid: account, keys: [{ sid: key, secret: 'se:cret' }] }],
    })
  })

  test.each([
    [['--nonsense']],
    [['extra']],
    [['--port']],
    [['--port', 'x']],
    [['--port', '65536']],
    [['--account', 'AC1:canary-token']],
    [['--account', account]],
    [['--api-key', `${account}:canary-secret`]],
    [['--api-key', `${account}:SK1:canary-secret`]],
    [['--settings', '{']],
    [['--settings', '{"nonsense":1}']],
  ])('%j is refused without showing a secret', (flags) => {
    expect(() => readCommandLine(flags)).toThrow(Error)
    expect(() => readCommandLine(flags)).not.toThrow(/canary/)
  })
})
