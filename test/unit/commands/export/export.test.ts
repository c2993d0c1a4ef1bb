import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { nextStep } from '../../../../src/commands/export/export.ts'

const SETTINGS = { namespace: 'shop', credentialsSecret: 'twilio' }
const SID = `AC${'1'.repeat(32)}`
const ACCOUNT = { accountSid: SID, credential: { username: SID, password: 'Geheim' } }

/** What kubectl would get of the command that applies the folder. */
function argumentsOf(printed: string): string[] {
  const command = printed.slice(printed.indexOf('kubectl apply'))
  const kubectl = String.raw`kubectl() { printf '%s\0' "$@"; }`
  const { stdout, stderr } = spawnSync('sh', ['-euc', `${kubectl}\n${command}`], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.split('\0').slice(0, -1)
}

test.each([
  ...['twilio-sinks', './a/b_c.d', '/tmp/x', 'a b', "it's", '"', '$HOME', '$(echo x)', '`echo x`', '~', '*'],
  ...['a;echo x', 'a&b', 'a|b', 'a#b', 'a\\b', 'a\nb', 'größe', '-', '--help'],
])('the printed command applies the folder %j and nothing else', (folder) => {
  const words = argumentsOf(nextStep(SETTINGS, folder, ACCOUNT))
  expect(words.slice(0, -1)).toEqual(['apply', '--server-side', '-f'])
  expect(resolve(words.at(-1) ?? 'none')).toBe(resolve(folder))
  expect(words.at(-1)).not.toMatch(/^-/u)
})

test('the credentials are named and not shown', () => {
  const printed = nextStep(SETTINGS, 'folder', ACCOUNT)
  expect(printed).toContain('"$TWILIO_AUTH_TOKEN"')
  expect(printed).not.toContain(ACCOUNT.credential.password)
})

test('the namespace is named, without which no command works', () => {
  const printed = nextStep(SETTINGS, 'folder', ACCOUNT)
  expect(printed).toContain('namespace shop must exist')
  expect(printed).toContain('kubectl -n shop create secret')
})

test('a simple folder is shown as it was given', () => {
  expect(nextStep(SETTINGS, 'twilio-sinks', ACCOUNT)).toContain('-f twilio-sinks\n')
})
